import { type Preflight, preflight, type PreflightNamespace } from "../../audit/index.ts";
import { EXIT, type ExitCode } from "../../core/index.ts";
import { type ClusterOptions, openCluster } from "../audited-cluster.ts";
import { openGates, type TwoTimesOptions } from "../gates-of-two-times.ts";
import { type RevocationsOptions, revocationsIn } from "../revocations-option.ts";
import { print, say } from "../terminal.ts";
import { jsonReport, textReport } from "./report.ts";

export type PreflightOptions = ClusterOptions &
  TwoTimesOptions &
  RevocationsOptions & { readonly output: "text" | "json" };

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
  const opened = await openCluster(options);
  try {
    const gates = openGates(options, opened.credentials);
    try {
      const { cluster, namespaces, gaps } = opened;
      const found = await preflight({
        namespaces,
        isAll: options.all,
        cluster,
        ...gates,
        signal: new AbortController().signal,
        onProgress,
      });
      const answer = { ...found, gaps: [...gaps, ...found.gaps], namespaces, at, until };
      print(options.output === "json" ? jsonReport(answer) : textReport(answer));
      return exitCodeOf(answer);
    } finally {
      await gates.close();
    }
  } finally {
    await opened.close();
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

const STEP = 100;

function onProgress(done: number, all: number): void {
  if (process.stderr.isTTY && done % STEP === 0) say(`${done}/${all} workloads`);
}
