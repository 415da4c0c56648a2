import { z } from "zod";

import type { PullAccess } from "../core/index.ts";
import { runningPod, type RunningImage } from "../workloads/index.ts";
import { attemptIn, unreadable } from "./gaps.ts";
import { keyOf, type ObjectName, ownedObject, type OwnedObject, ownersIn } from "./owners.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";

/** Pods of a unit that are named. */
const MAX_NAMED = 4;
const POD = { group: "", kind: "Pod" };
/** What makes pods for something above it. */
const BETWEEN = [
  { group: "apps", version: "v1", resource: "replicasets", kind: "ReplicaSet" },
  { group: "batch", version: "v1", resource: "jobs", kind: "Job" },
] as const;

/** Kubernetes, well-known annotations: a pod that shows one of the kubelet's own files. */
const Mirror = z.object({
  metadata: z.object({ annotations: z.object({ "kubernetes.io/config.mirror": z.string() }) }),
});

/** One image that the pods of one owner run, all at the same place and from the same digest. */
export interface RunningUnit {
  readonly namespace: string;
  /** What made the pods, at the top, as far as that could be read. */
  readonly owner: ObjectName;
  readonly image: RunningImage;
  readonly access: PullAccess;
  /** The kubelet runs it from a file of its node, whatever the gate says. */
  readonly isStatic: boolean;
  readonly pods: { readonly count: number; readonly names: readonly string[] };
}

/** What is read. */
export interface ReadRunning {
  /** Whose pods are read. */
  readonly namespaces: ReadonlySet<string>;
  /** Whether these are all: one list is then enough. */
  readonly isAll: boolean;
  readonly cluster: AuditCluster;
  readonly signal: AbortSignal;
}

/** Everything that runs, replicas together. Rejects where the signal aborts. */
export async function readRunning({ namespaces, isAll, cluster, signal }: ReadRunning) {
  const gaps: AuditGap[] = [];
  const units = new Map<string, { readonly unit: Draft; readonly by: OwnedObject }>();
  const between: OwnedObject[] = [];
  const taking = (kind: string, take: (value: unknown) => void) => (value: unknown) => {
    try {
      take(value);
    } catch (error) {
      gaps.push(unreadable(kind, error));
    }
  };
  const takePod = taking("Pod", (value) => {
    const pod = ownedObject(value, POD);
    if (namespaces.has(pod.namespace)) addPod(units, value, pod);
  });
  for (const namespace of isAll ? [undefined] : namespaces) {
    const attempt = attemptIn({ cluster, signal, gaps }, namespace);
    await attempt("Pod", () => cluster.pods(takePod, namespace));
    for (const kind of BETWEEN) {
      const take = taking(kind.kind, (value) => void between.push(ownedObject(value, kind)));
      await attempt(kind.kind, () => cluster.owned(kind, take, namespace));
    }
  }
  const ownerOf = ownersIn(between);
  const found = [...units.values()].map(({ unit, by }): RunningUnit => ({ ...unit, owner: ownerOf(by) }));
  return { units: joined(found), gaps };
}

type Draft = Omit<RunningUnit, "owner">;

function addPod(
  units: Map<string, { readonly unit: Draft; readonly by: OwnedObject }>,
  value: unknown,
  pod: OwnedObject,
): void {
  const isStatic = Mirror.safeParse(value).success;
  const { namespace, access, images } = runningPod(value);
  // Every static pod of a node has the node as its owner.
  const { controller, ...alone } = pod;
  const by = isStatic ? alone : pod;
  const maker = isStatic ? alone : (controller ?? alone);
  for (const image of images) {
    const key = JSON.stringify([keyOf(namespace, maker), image, access]);
    const before = units.get(key)?.unit.pods ?? { count: 0, names: [] };
    const names = before.names.length < MAX_NAMED ? [...before.names, pod.name] : before.names;
    const pods = { count: before.count + 1, names };
    units.set(key, { unit: { namespace, image, access: { namespace, ...access }, isStatic, pods }, by });
  }
}

/** ReplicaSets of one Deployment run the same where only something else of its template changed. */
function joined(units: readonly RunningUnit[]): RunningUnit[] {
  const found = new Map<string, RunningUnit>();
  for (const unit of units) {
    const key = JSON.stringify([keyOf(unit.namespace, unit.owner), unit.image, unit.access]);
    const before = found.get(key);
    const names = [...(before?.pods.names ?? []), ...unit.pods.names].slice(0, MAX_NAMED);
    found.set(key, { ...unit, pods: { count: (before?.pods.count ?? 0) + unit.pods.count, names } });
  }
  return [...found.entries()].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, unit]) => unit);
}
