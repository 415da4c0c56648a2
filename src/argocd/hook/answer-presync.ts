import { asFault, Fault, printable } from "../../core/index.ts";
import { faultMode } from "../fault-mode.ts";
import { judgeSync, revisionsIn } from "../judge-sync.ts";
import type { ArgoCd, PresyncDeps } from "../ports.ts";
import { type Report, reportOnFault, reportOnSetup } from "../report.ts";
import { isThisCluster, type Target, type TargetRequest } from "../target/read-target.ts";
import type { TargetStore } from "../target/target-store.ts";
import { argoCdOf } from "./argo-cd-of.ts";
import { type HookIdentity, identifyHook } from "./hook-identity.ts";
import { runningOperation } from "./running-operation.ts";

const STATUS = { allowed: 200, refused: 200, unknown: 503, setup: 403 } as const;

/** An answer with its HTTP status: 200 is a verdict, anything else none. */
export interface PresyncAnswer {
  readonly status: 200 | 401 | 403 | 503;
  readonly report: Report;
}

/** The answer to a hook that brings nothing but its token. Never rejects: what cannot be told is 11 where it enforces. */
export async function answerPresync(
  token: string,
  deps: PresyncDeps,
  targets: TargetStore,
): Promise<PresyncAnswer> {
  let mode = deps.strictestMode;
  try {
    const identified = await identifyHook(token, deps);
    if (!identified.ok) return { status: identified.status, report: reportOnSetup(identified.reason) };
    const { namespace } = identified.hook;
    mode = () => deps.modeOf(namespace) ?? deps.defaultMode;
    const argoCd = argoCdOf(identified.hook, deps.argoCds);
    if (argoCd === undefined)
      return {
        status: 403,
        report: reportOnSetup("the gate knows no Argo CD with the hook's installation id"),
      };
    const report = await reportOnSync(identified.hook, argoCd, { deps, targets });
    return { status: STATUS[report.decision], report };
  } catch (error) {
    const report = reportOnFault(outsideFault(error), mode());
    return { status: STATUS[report.decision], report };
  }
}

/** The cluster not answering is not a defect of the gate. */
function outsideFault(error: unknown): Fault {
  if (!(error instanceof Error) || error.name !== "KubeError") return asFault(error);
  return new Fault("target/unavailable", `the API server could not be reached: ${error.message}`, {
    cause: error,
  });
}

const MAX_NAMES = 10;

interface PresyncContext {
  readonly deps: PresyncDeps;
  readonly targets: TargetStore;
}

async function reportOnSync(
  hook: HookIdentity,
  argoCd: ArgoCd,
  { deps, targets }: PresyncContext,
): Promise<Report> {
  const started = performance.now();
  const name = { namespace: hook.hint.namespace ?? argoCd.namespace, name: hook.hint.name };
  const running = await runningOperation(
    hook,
    (signal) => argoCd.application(name, signal),
    AbortSignal.timeout(deps.waitMs),
  );
  const { application, declared, initiatedBy } = running;
  if (!isThisCluster(application.spec.destination, deps.thisCluster))
    return reportOnSetup(
      `the Application ${name.name} deploys to another cluster than the one its hook runs in`,
    );
  const signal = AbortSignal.timeout(deps.judgeMs);
  const read = (request: TargetRequest): Promise<Target> => targets.find(request, signal);
  const options = { deps, read, faultMode: () => faultMode(application, deps), signal };
  const { report: found, digests } = await judgeSync({ application, argoCd, declared }, options);
  const report = withPodWarning(found, hook);
  deps.observe({
    askedBy: "presync",
    application: { ...name, uid: application.metadata.uid },
    revisions: revisionsIn(declared),
    initiatedBy,
    dryRun: false,
    caller: "verified",
    report,
    digests,
    seconds: (performance.now() - started) / 1000,
  });
  return report;
}

/** Of a container that does not end, Argo CD says nothing but that the hook is running, until its deadline. */
function withPodWarning(report: Report, { containers }: HookIdentity): Report {
  if (containers.length < 2) return report;
  const names = printable(containers.slice(0, MAX_NAMES).join(", "), 200);
  const warning =
    `the hook's pod ends only when all of its containers have ended, and it has ${containers.length}: ${names}. ` +
    "Keep the others out by podLabels or podAnnotations of the hook's chart, or inject them as native sidecars";
  return { ...report, warnings: [warning, ...report.warnings] };
}
