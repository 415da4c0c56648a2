import { type Digest, eachAtMost, type Verdict } from "../core/index.ts";
import { type AuditFinding, findingsOf, rankOf } from "./findings.ts";
import { type NodeImages, readNodeImages } from "./node-images.ts";
import type { AuditCluster, AuditGap } from "./ports.ts";
import { type Admit, outcomeOf } from "./preflight.ts";
import { readRunning, type RunningUnit } from "./running.ts";
import { type AuditRegistry, whatRuns } from "./what-runs.ts";

/** Images judged at the same time. */
const AT_ONCE = 8;
/** Images with findings that are kept one by one; the sums have all. */
const MAX_FOUND = 10_000;

/** What an audit needs. */
export interface AuditDeps {
  /** With the mode that each has by its label. */
  readonly namespaces: readonly { readonly name: string; readonly mode?: string }[];
  readonly isAll: boolean;
  readonly cluster: AuditCluster;
  readonly registry: AuditRegistry;
  /** Asks the gate as the webhook does in enforce: now, and as of the horizon. */
  readonly admit: Admit;
  readonly admitLater: Admit;
  /** Whether the revocations name a digest. */
  readonly isRevoked: (digest: Digest) => boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, all: number) => void;
}

/** State of an image that runs. `waiting`: its node has not begun to run it, so that nothing is judged. */
type RunningState = "allowed" | "refused" | "unknown" | "waiting";

/** An image that runs, with what is found of it. */
export interface AuditedImage extends Omit<RunningUnit, "access"> {
  readonly mode?: string;
  readonly state: RunningState;
  /** What was judged: the index of a platform image that a node names. */
  readonly judged: string;
  readonly findings: readonly AuditFinding[];
}

/** What an audit came to. */
export interface Audit {
  /** Images with findings, by namespace and owner; at most 10,000. */
  readonly found: readonly AuditedImage[];
  /** Images with findings that are counted only. */
  readonly notListed: number;
  /** Images that run, each once for each owner and place, by state. */
  readonly counts: Readonly<Record<RunningState, number>>;
  /** The same by the mode of their namespaces; `none` where it has no label. */
  readonly countsByMode: ReadonlyMap<string, Readonly<Record<RunningState, number>>>;
  /** Images by the kind of what is found of them first. */
  readonly kinds: Readonly<Record<string, number>>;
  readonly nodeImages: Omit<NodeImages, "gaps">;
  readonly gaps: readonly AuditGap[];
}

/** Judges everything that runs as of now, and what passes as of the horizon. Rejects where the signal aborts. */
export async function audit(deps: AuditDeps): Promise<Audit> {
  const { cluster, signal, isAll, isRevoked, namespaces } = deps;
  const modes = new Map(namespaces.map(({ name, mode }) => [name, mode]));
  const names = new Set(modes.keys());
  const { units, gaps } = await readRunning({ namespaces: names, isAll, cluster, signal });
  const tally = createTally();
  const judge = createJudge(deps);
  let done = 0;
  await eachAtMost(AT_ONCE, units, async (unit, at) => {
    signal.throwIfAborted();
    const mode = modes.get(unit.namespace);
    tally.add({ ...(await judge(unit)), ...(mode !== undefined && { mode }) }, at);
    done += 1;
    deps.onProgress(done, units.length);
  });
  // Which images of a node are accounted for is known only where all namespaces are.
  const none = { unaccounted: [], nodes: 0, partly: 0, gaps: [] };
  const { gaps: unseen, ...nodeImages } = isAll
    ? await readNodeImages({ cluster, units, isRevoked, signal })
    : none;
  return { ...tally.result(), nodeImages, gaps: [...gaps, ...unseen] };
}

type Judged = Omit<AuditedImage, "mode">;

/** Replicas and owners with the same image are judged once. */
function createJudge({ registry, admit, admitLater }: AuditDeps): (unit: RunningUnit) => Promise<Judged> {
  const asked = new Map<string, Promise<Verdict>>();
  const once = (key: string, ask: () => Promise<Verdict>): Promise<Verdict> => {
    const verdict = asked.get(key) ?? ask();
    asked.set(key, verdict);
    return verdict;
  };
  return async ({ access, ...unit }) => {
    const { namespace, image, isStatic } = unit;
    const nothing = { ...unit, judged: image.named, state: "waiting", findings: [] } as const;
    if (!image.isStarted) return nothing;
    const runs = await whatRuns({ ...unit, access }, registry);
    const subjects = [{ image: runs.image, place: image.where }];
    const key = JSON.stringify([namespace, subjects, access]);
    const now = await once(`now ${key}`, () => admit(namespace, subjects, access));
    const later =
      now.decision === "allow"
        ? await once(`later ${key}`, () => admitLater(namespace, subjects, access))
        : undefined;
    const findings = findingsOf(runs, now, { later, isStatic });
    return { ...unit, judged: runs.image, state: stateOf(outcomeOf(now).outcome, findings), findings };
  };
}

/** What differs is refused, whatever the gate would say of it: it is not what was admitted. */
function stateOf(outcome: Exclude<RunningState, "waiting">, findings: readonly AuditFinding[]): RunningState {
  if (outcome === "refused" || findings.some(({ kind }) => kind === "differs")) return "refused";
  return findings.some(({ kind }) => kind === "unknown") ? "unknown" : outcome;
}

function zero(): Record<RunningState, number> {
  return { allowed: 0, refused: 0, unknown: 0, waiting: 0 };
}

/** Keeps those with findings, the worst where there are too many. */
function createTally() {
  const found = new Map<number, AuditedImage>();
  const counts = zero();
  const byMode = new Map<string, Record<RunningState, number>>();
  const kinds: Record<string, number> = {};
  return {
    add(image: AuditedImage, at: number): void {
      const { mode = "none", state, findings } = image;
      counts[state] += 1;
      const ofMode = byMode.get(mode) ?? zero();
      ofMode[state] += 1;
      byMode.set(mode, ofMode);
      const [first] = findings;
      if (first === undefined) return;
      kinds[first.kind] = (kinds[first.kind] ?? 0) + 1;
      found.set(at, image);
    },
    result(): Pick<Audit, "found" | "notListed" | "counts" | "countsByMode" | "kinds"> {
      const inOrder = [...found].toSorted(([one], [other]) => one - other).map(([, image]) => image);
      const worst = inOrder
        .toSorted((one, other) => rankOf(one.findings[0]!.kind) - rankOf(other.findings[0]!.kind))
        .slice(0, MAX_FOUND);
      const kept = new Set(worst);
      const listed = inOrder.filter((image) => kept.has(image));
      return {
        found: listed,
        notListed: inOrder.length - listed.length,
        counts,
        countsByMode: byMode,
        kinds,
      };
    },
  };
}
