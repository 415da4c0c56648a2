import { eachAtMost, type Objection, type PullAccess, type Subject, type Verdict } from "../core/index.ts";
import { TEMPLATE_KINDS, WORKLOADS } from "../workloads/index.ts";
import { attemptIn, unreadable } from "./gaps.ts";
import { keyOf, type ObjectName, ownersIn } from "./owners.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";
import { readWorkload, type Workload } from "./workload.ts";

/** Reviews at the same time. */
const AT_ONCE = 8;
const [POD] = WORKLOADS;

/** A namespace that was asked about. */
export interface PreflightNamespace {
  readonly name: string;
  /** Of its label now; absent where it has none. */
  readonly mode?: string;
  /** Why enforcement would refuse nothing in it; absent where it would. */
  readonly leftOut?: "exempt" | "terminating";
}

/** A question to the gate, with whose pull secrets go with the images. */
export type Admit = (namespace: string, subjects: readonly Subject[], access: PullAccess) => Promise<Verdict>;

/** What a preflight needs. */
export interface PreflightDeps {
  readonly namespaces: readonly PreflightNamespace[];
  /** Whether these are all: one list is then enough for each kind. */
  readonly isAll: boolean;
  readonly cluster: AuditCluster;
  /** Asks the gate as the webhook does in enforce: now, and as of the horizon. */
  readonly admit: Admit;
  readonly admitLater: Admit;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number) => void;
}

/** What would come of one object. */
export interface JudgedWorkload extends ObjectName {
  readonly namespace: string;
  /** What made it, at the top; itself where nothing did. */
  readonly owner: ObjectName;
  /** `unknown` where only faults speak against it: enforcement refuses that, too, and the same object may pass later. */
  readonly outcome: "allowed" | "refused" | "unknown";
  readonly objections: readonly Objection[];
  readonly verdict: Verdict | undefined;
  readonly notes: readonly string[];
}

/** An object that passes now and will not at the horizon, if nothing is done. */
export interface Forecast extends JudgedWorkload {
  readonly outcome: "refused" | "unknown";
}

/** What enforcement would refuse. */
export interface Preflight {
  readonly workloads: readonly JudgedWorkload[];
  readonly forecast: readonly Forecast[];
  /** What could not be read. */
  readonly gaps: readonly AuditGap[];
}

/**
 * Judges every object with a pod spec as the webhook would if it were created now in an enforcing namespace. Rejects where the
 * signal aborts.
 */
export async function preflight(deps: PreflightDeps): Promise<Preflight> {
  const { workloads, gaps } = await readAll(deps);
  const ownerOf = ownersIn(workloads);
  const judged = await judgeAll(workloads, deps.admit, { ...deps, ownerOf });
  const passing = workloads.filter((_, at) => judged[at]!.outcome === "allowed");
  const later = await judgeAll(passing, deps.admitLater, { ...deps, ownerOf });
  return { workloads: judged, forecast: later.filter(isRefused), gaps };
}

function isRefused(judged: JudgedWorkload): judged is Forecast {
  return judged.outcome !== "allowed";
}

async function readAll({ namespaces, isAll, cluster, signal }: PreflightDeps) {
  const looked = new Set(namespaces.filter(({ leftOut }) => leftOut === undefined).map(({ name }) => name));
  const workloads: Workload[] = [];
  const gaps: AuditGap[] = [];
  const takeAs = (row: (typeof WORKLOADS)[number]) => (value: unknown) => {
    try {
      const workload = readWorkload(value, row);
      if (looked.has(workload.namespace) && !workload.isDeleted) workloads.push(workload);
    } catch (error) {
      gaps.push(unreadable(row.kind, error));
    }
  };
  const within = isAll ? [undefined] : [...looked];
  for (const namespace of within) {
    const attempt = attemptIn({ cluster, signal, gaps }, namespace);
    await attempt("Pod", () => cluster.pods(takeAs(POD!), namespace));
    for (const kind of TEMPLATE_KINDS)
      await attempt(kind.kind, () => cluster.templates(kind, takeAs(kind), namespace));
  }
  return { workloads: workloads.toSorted(byName), gaps };
}

function byName(one: Workload, other: Workload): number {
  return keyOf(one.namespace, one) < keyOf(other.namespace, other) ? -1 : 1;
}

interface Judging extends Pick<PreflightDeps, "signal" | "onProgress"> {
  readonly ownerOf: (workload: Workload) => ObjectName;
}

async function judgeAll(
  workloads: readonly Workload[],
  admit: PreflightDeps["admit"],
  { ownerOf, signal, onProgress }: Judging,
): Promise<JudgedWorkload[]> {
  const judged: JudgedWorkload[] = [];
  /** Replicas name the same images at the same places. */
  const asked = new Map<string, Promise<Verdict>>();
  let done = 0;
  await eachAtMost(AT_ONCE, workloads, async (workload, at) => {
    signal.throwIfAborted();
    const { group, kind, namespace, name, images, access, notes } = workload;
    const about = { group, kind, namespace, name, notes, owner: ownerOf(workload) };
    if ("code" in images) {
      const fault = { kind: "fault", ...images } as Objection;
      judged[at] = { ...about, outcome: "unknown", objections: [fault], verdict: undefined };
    } else if (images.length === 0) {
      judged[at] = { ...about, outcome: "allowed", objections: [], verdict: undefined };
    } else {
      const key = JSON.stringify([namespace, images, access]);
      const verdict = asked.get(key) ?? admit(namespace, images, access);
      asked.set(key, verdict);
      judged[at] = { ...about, ...outcomeOf(await verdict) };
    }
    done += 1;
    onProgress(done, workloads.length);
  });
  return judged;
}

/** What enforcement makes of a verdict. */
export function outcomeOf(verdict: Verdict): Pick<JudgedWorkload, "outcome" | "objections" | "verdict"> {
  const { decision, objections } = verdict;
  if (decision === "allow") return { outcome: "allowed", objections, verdict };
  const isFound = objections.some(({ kind }) => kind === "finding");
  return { outcome: isFound ? "refused" : "unknown", objections, verdict };
}
