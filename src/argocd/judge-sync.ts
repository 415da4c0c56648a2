import { asFault, type Digest, type Mode, stricterMode } from "../core/index.ts";
import type { Application } from "./application.ts";
import { strictestOf } from "./fault-mode.ts";
import type { ArgoCd, TargetDeps } from "./ports.ts";
import { type Report, reportOn, reportOnFault } from "./report.ts";
import { judgeTarget } from "./target/judge-target.ts";
import { modesOf, type Target, type TargetRequest } from "./target/read-target.ts";
import { type OperationSources, wantedTarget } from "./target/wanted-target.ts";

const MAX_DIGESTS = 64;

/** A sync that is about to begin, or has begun. */
export interface Sync {
  readonly application: Application;
  readonly argoCd: ArgoCd;
  readonly declared: OperationSources;
}

/** What was found of a sync, with the first 64 digests that were checked. */
export interface JudgedSync {
  readonly report: Report;
  readonly digests: readonly Digest[];
}

/** How a sync's target is read and judged. */
export interface JudgeSyncOptions {
  readonly deps: TargetDeps;
  readonly read: (request: TargetRequest) => Promise<Target>;
  /** Speaks against a target before its images are checked, by throwing a Fault; given the mode that this follows. */
  readonly check?: (request: TargetRequest, mode: Mode) => void;
  /** The mode that a fault follows as long as the target is not known. */
  readonly faultMode: () => Mode;
  readonly signal: AbortSignal;
}

/** The report on a sync. Never rejects: what cannot be told is a report that says so. */
export async function judgeSync(
  { application, argoCd, declared }: Sync,
  { deps, read, check, faultMode, signal }: JudgeSyncOptions,
): Promise<JudgedSync> {
  let modeNow = faultMode;
  try {
    const request = { application, argoCd, wanted: wantedTarget(application, declared) };
    const target = await read(request);
    const modeOf = modesOf(target, application, deps);
    const namespaces = target.groups.map(({ namespace }) => namespace);
    modeNow = () => stricterMode(faultMode(), strictestOf(namespaces, modeOf));
    check?.(request, modeNow());
    const verdicts = await judgeTarget(target.groups, { gate: deps.gate, modeOf, signal });
    check?.(request, modeNow()); // once more: a mode may have changed while images were looked up
    const digests = verdicts.flatMap(({ verdict }) => verdict.judged.flatMap(({ digest }) => digest ?? []));
    const { rolloutWindowMs, now } = deps;
    return {
      report: reportOn(verdicts, { now: now(), rolloutWindowMs }, target.notes),
      digests: [...new Set(digests)].slice(0, MAX_DIGESTS),
    };
  } catch (error) {
    return { report: reportOnFault(asFault(error), modeNow()), digests: [] };
  }
}

/** The revisions that an operation names, for the log. */
export function revisionsIn({ revision, revisions, manifests }: OperationSources): string[] {
  if (manifests && manifests.length > 0) return ["local"];
  return revisions && revisions.length > 0 ? [...revisions] : [revision ?? ""];
}
