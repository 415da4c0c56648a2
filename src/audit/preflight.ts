import { asFault, eachAtMost, type Objection, printable, type Subject, type Verdict } from "../core/index.ts";
import { TEMPLATE_KINDS, WORKLOADS } from "../workloads/index.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";
import { type ObjectName, readWorkload, type Workload } from "./workload.ts";

/** Reviews at the same time. */
const AT_ONCE = 8;
/** Owners of owners: a Pod, its Job, its CronJob, and what a custom kind makes of these. */
const MAX_OWNERS = 8;
const [POD] = WORKLOADS;

/** A namespace that was asked about. */
export interface PreflightNamespace {
  readonly name: string;
  /** Of its label now; absent where it has none. */
  readonly mode?: string;
  /** Why enforcement would refuse nothing in it; absent where it would. */
  readonly leftOut?: "exempt" | "terminating";
}

/** What a preflight needs. */
export interface PreflightDeps {
  readonly namespaces: readonly PreflightNamespace[];
  /** Whether these are all: one list is then enough for each kind. */
  readonly isAll: boolean;
  readonly cluster: AuditCluster;
  /** Asks the gate as the webhook does in enforce: now, and as of the horizon. */
  readonly admit: (namespace: string, subjects: readonly Subject[]) => Promise<Verdict>;
  readonly admitLater: (namespace: string, subjects: readonly Subject[]) => Promise<Verdict>;
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
      gaps.push({
        what: `a ${row.kind}`,
        why: printable(asFault(error).message, 300),
        code: "review/invalid",
      });
    }
  };
  const within = isAll ? [undefined] : [...looked];
  for (const namespace of within) {
    const attempt = async (kind: string, list: () => Promise<void>): Promise<void> => {
      signal.throwIfAborted();
      const what = `${kind} objects${namespace === undefined ? "" : ` of ${namespace}`}`;
      try {
        await list();
      } catch (error) {
        const { code, message } = asFault(error);
        gaps.push({ what, why: printable(message, 300), code: cluster.codeOf(error) ?? code });
      }
    };
    await attempt("Pod", () => cluster.pods(takeAs(POD!), namespace));
    for (const kind of TEMPLATE_KINDS)
      await attempt(kind.kind, () => cluster.templates(kind, takeAs(kind), namespace));
  }
  return { workloads: workloads.toSorted(byName), gaps };
}

function byName(one: Workload, other: Workload): number {
  return keyOf(one.namespace, one) < keyOf(other.namespace, other) ? -1 : 1;
}

function keyOf(namespace: string, { group, kind, name }: ObjectName): string {
  return JSON.stringify([namespace, group, kind, name]);
}

/** What made an object at the top, as far as it was read. */
function ownersIn(workloads: readonly Workload[]): (workload: Workload) => ObjectName {
  const known = new Map(workloads.map((each) => [keyOf(each.namespace, each), each]));
  return (workload) => {
    let top: ObjectName = workload;
    let next = workload.controller;
    for (let step = 0; next !== undefined && step < MAX_OWNERS; step += 1) {
      top = next;
      next = known.get(keyOf(workload.namespace, next))?.controller;
    }
    return { group: top.group, kind: top.kind, name: top.name };
  };
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
    const { group, kind, namespace, name, images, notes } = workload;
    const about = { group, kind, namespace, name, notes, owner: ownerOf(workload) };
    if ("code" in images) {
      const fault = { kind: "fault", ...images } as Objection;
      judged[at] = { ...about, outcome: "unknown", objections: [fault], verdict: undefined };
    } else if (images.length === 0) {
      judged[at] = { ...about, outcome: "allowed", objections: [], verdict: undefined };
    } else {
      const key = JSON.stringify([namespace, images]);
      const verdict = asked.get(key) ?? admit(namespace, images);
      asked.set(key, verdict);
      judged[at] = { ...about, ...outcomeOf(await verdict) };
    }
    done += 1;
    onProgress(done, workloads.length);
  });
  return judged;
}

function outcomeOf(verdict: Verdict): Pick<JudgedWorkload, "outcome" | "objections" | "verdict"> {
  const { decision, objections } = verdict;
  if (decision === "allow") return { outcome: "allowed", objections, verdict };
  const isFound = objections.some(({ kind }) => kind === "finding");
  return { outcome: isFound ? "refused" : "unknown", objections, verdict };
}
