import { type Preflight, preflight, type PreflightNamespace } from "../../audit/index.ts";
import { EXIT, type ExitCode, type Subject, type Verdict } from "../../core/index.ts";
import { offlineGate, type RegistryOptions } from "../offline-gate.ts";
import { type RevocationsOptions, revocationsIn } from "../revocations-option.ts";
import { print, say } from "../terminal.ts";
import { type ClusterOptions, openCluster } from "./open-cluster.ts";
import { jsonReport, textReport } from "./report.ts";

export interface PreflightOptions extends ClusterOptions, RegistryOptions, RevocationsOptions {
  readonly policy: string;
  readonly waivers?: string;
  /** `NAME=FILE`. */
  readonly trustRoot: readonly string[];
  /** How far ahead is looked, ms. */
  readonly within: number;
  /** Seconds for each workload. */
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** What a report shows. */
export interface Answer extends Preflight {
  readonly namespaces: readonly PreflightNamespace[];
  readonly at: Date;
  readonly until: Date;
}

/** `mc preflight`: what would be refused if namespaces enforced from now. */
export async function runPreflight(options: PreflightOptions): Promise<ExitCode> {
  revocationsIn(options, "what is revoked counts as good");
  const at = new Date();
  const until = new Date(at.getTime() + options.within);
  const now = openGate(options, () => new Date());
  const later = openGate(options, () => new Date(Date.now() + options.within));
  const interrupt = new AbortController();
  let opened: Awaited<ReturnType<typeof openCluster>> | undefined;
  try {
    opened = await openCluster(options);
    const { cluster, namespaces, gaps } = opened;
    const found = await preflight({
      namespaces,
      isAll: options.all,
      cluster,
      admit: now.admit,
      admitLater: later.admit,
      signal: interrupt.signal,
      onProgress,
    });
    const answer = { ...found, gaps: [...gaps, ...found.gaps], namespaces, at, until };
    print(options.output === "json" ? jsonReport(answer) : textReport(answer));
    return exitCodeOf(answer);
  } finally {
    await Promise.all([now.close(), later.close(), opened?.close()]);
  }
}

/** What could not be told would be refused, too, but may pass another time. Nothing to judge proves nothing. */
function exitCodeOf({ workloads, forecast, gaps }: Answer): ExitCode {
  const all = [...workloads, ...forecast];
  if (all.some(({ outcome }) => outcome === "refused")) return EXIT.refused;
  const isUnseen = gaps.some(({ code }) => code !== undefined);
  return isUnseen || workloads.length === 0 || all.some(({ outcome }) => outcome === "unknown")
    ? EXIT.unknown
    : EXIT.allowed;
}

function openGate(options: PreflightOptions, now: () => Date) {
  const { policy, waivers, revocations, registries, dockerConfig, trustRoot, timeout } = options;
  const { gate, close } = offlineGate({
    policy,
    trustRoot,
    ...(waivers !== undefined && { waivers }),
    ...(revocations !== undefined && { revocations }),
    ...(registries !== undefined && { registries }),
    ...(dockerConfig !== undefined && { dockerConfig }),
    now,
    isPatient: true,
  });
  const admit = (namespace: string, subjects: readonly Subject[]): Promise<Verdict> => {
    const signal = AbortSignal.timeout(timeout * 1000);
    return gate.admit({ namespace, mode: () => "enforce", subjects, access: {}, signal });
  };
  return { admit, close };
}

const STEP = 100;

function onProgress(done: number, all: number): void {
  if (process.stderr.isTTY && done % STEP === 0) say(`${done}/${all} workloads`);
}
