import {
  type AdmissionRequest,
  type AnsweredReview,
  readPartly,
  decisionBudgetMs,
} from "../../admission/index.ts";
import { asFault, type Mode, printable } from "../../core/index.ts";
import { APPLICATION_PARTS } from "../application-parts.ts";
import { type Application, readApplication } from "../application.ts";
import { faultMode, strictestOfAll } from "../fault-mode.ts";
import { type JudgedSync, judgeSync, revisionsIn } from "../judge-sync.ts";
import type { OperationDeps } from "../ports.ts";
import { type Report, reportOnFault } from "../report.ts";
import { argoCdAt, type Target, type TargetRequest } from "../target/read-target.ts";
import { selectedTarget } from "../target/selected-resources.ts";
import type { TargetStore } from "../target/target-store.ts";
import { underChangedSpec } from "./changed-spec.ts";
import { isControllersWord } from "./controllers-word.ts";
import { holdToFixed } from "./moving-revisions.ts";
import { allowed, denied, passed } from "./operation-answer.ts";
import {
  hasOperation,
  type PendingSync,
  pendingSyncs,
  type TouchedParts,
  touchedParts,
} from "./pending-syncs.ts";
import { withoutRunning } from "./self-heal.ts";

export interface OperationContext {
  readonly deps: OperationDeps;
  readonly targets: TargetStore;
  /** How long the API server waits, as it says itself. */
  readonly timeout: unknown;
  /** Called once for a review that is judged, or cannot be. */
  readonly onReport: (report: Report) => void;
}

/**
 * The answer to a change of an Application: every sync of every kind starts by writing `.operation`, and continues by
 * what `status.operationState` says. Nothing where not even a uid could be read. Never rejects.
 */
export async function answerOperation(
  body: Uint8Array,
  context: OperationContext,
): Promise<AnsweredReview | undefined> {
  const read = await readPartly(body, APPLICATION_PARTS, context.deps.readPartsElsewhere);
  if (!read.ok) {
    const report = reportOnFault(read.fault, strictestOfAll(context.deps));
    return read.uid === undefined ? undefined : told(read.uid, report, context);
  }
  const { request } = read;
  const { uid } = request;
  try {
    const started = startedSyncs(request, context.deps);
    if (started === undefined) return passed(uid);
    return told(uid, await judgedStarts(request, started, context), context);
  } catch (error) {
    return told(uid, reportOnFault(asFault(error), faultMode(request.object, context.deps)), context);
  }
}

/** The answer that a report comes to, which is counted. */
export function told(uid: string, report: Report, { onReport }: OperationContext): AnsweredReview {
  onReport(report);
  return report.decision === "allowed" ? allowed(uid, report) : denied(uid, report);
}

interface StartedSyncs {
  readonly application: Application;
  /** At least one. */
  readonly syncs: readonly PendingSync[];
}

/** The syncs that a change may have Argo CD run; undefined where it starts none that is judged. */
function startedSyncs(request: AdmissionRequest, deps: OperationDeps): StartedSyncs | undefined {
  const touched = touchedParts(request);
  if (!isApplication(request) || !isStart(request, touched, deps)) return undefined;
  const application = readApplication(request.object);
  const { namespace, name } = application.metadata;
  if (deps.exempt.includes(`${namespace}/${name}`)) return undefined;
  const pending = pendingSyncs(application, touched);
  const syncs = touched.spec ? underChangedSpec(pending, { request, application, touched }) : pending;
  return syncs.length === 0 ? undefined : { application, syncs };
}

/** Through any subresource: where the definition has one for the status, an operation's state is written by that. */
function isApplication({ kind, operation }: AdmissionRequest): boolean {
  const isWrite = operation === "CREATE" || operation === "UPDATE";
  return kind.group === "argoproj.io" && kind.kind === "Application" && isWrite;
}

/**
 * An operation that waits already was judged when it came; it is judged again where what it would apply changes, since one
 * without sources of its own takes the spec's, and one in progress is what its state says. Of the state only Argo CD's
 * controller has the word, as far as that follows from what was judged.
 */
function isStart(
  { object, oldObject, userInfo }: AdmissionRequest,
  { operation, spec, state }: TouchedParts,
  { controllers }: OperationDeps,
): boolean {
  if (!hasOperation(object)) return false;
  if (operation || spec || !state || !controllers.includes(userInfo.username))
    return operation || spec || state;
  return !isControllersWord(readApplication(object), readApplication(oldObject));
}

/** The report on the first sync that may not run; on the last where all may. */
async function judgedStarts(
  request: AdmissionRequest,
  { application, syncs }: StartedSyncs,
  context: OperationContext,
): Promise<Report> {
  const signal = AbortSignal.timeout(decisionBudgetMs(context.timeout));
  const [first, ...others] = syncs;
  let { report } = await judgedStart(request, { application, ...first!, signal }, context);
  for (const each of others) {
    if (report.decision !== "allowed") break;
    ({ report } = await judgedStart(request, { application, ...each, signal }, context));
  }
  return report;
}

interface StartedSync extends PendingSync {
  readonly application: Application;
  readonly signal: AbortSignal;
}

async function judgedStart(
  request: AdmissionRequest,
  { application, sync, initiatedBy, refreshes, signal }: StartedSync,
  { deps, targets }: Pick<OperationContext, "deps" | "targets">,
): Promise<JudgedSync> {
  const started = performance.now();
  const { namespace, name, uid } = application.metadata;
  const argoCd = argoCdAt(namespace, deps);
  const read = async (wanted: TargetRequest): Promise<Target> => {
    const target = selectedTarget(await targets.find(wanted, signal), sync.resources);
    return withoutRunning(target, { request, application, sync, signal }, deps);
  };
  const caller = printable(request.userInfo.username, 120);
  const starter = initiatedBy === "" || initiatedBy === caller ? caller : `${caller} (for ${initiatedBy})`;
  const check = ({ wanted }: TargetRequest, mode: Mode): void => {
    if (deps.movingRevisions === "refuse" && mode === "enforce") holdToFixed(wanted, { starter, refreshes });
  };
  const judged = await judgeSync(
    { application, argoCd, declared: sync },
    {
      deps,
      read,
      check,
      faultMode: () => faultMode(request.object, deps),
      signal,
    },
  );
  deps.observe({
    askedBy: "operation",
    application: { namespace, name, uid },
    revisions: revisionsIn(sync).map((each) => printable(each, 80)),
    initiatedBy: initiatedBy || caller,
    dryRun: request.dryRun === true,
    caller: deps.callers.proof,
    ...judged,
    seconds: (performance.now() - started) / 1000,
  });
  return judged;
}
