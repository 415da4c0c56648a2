import { type Preflight, preflight, type PreflightNamespace } from "../../audit/index.ts";
import { EXIT, type ExitCode } from "../../core/index.ts";
import { print } from "../terminal.ts";
import { type AuditedOptions, progressOf, withAuditedCluster } from "../with-audited-cluster.ts";
import { jsonReport, textReport } from "./report.ts";

/** What a report shows. */
export interface Answer extends Preflight {
  readonly namespaces: readonly PreflightNamespace[];
  readonly at: Date;
  readonly until: Date;
}

/** `mc preflight`: what would be refused if namespaces enforced from now. */
export function runPreflight(options: AuditedOptions): Promise<ExitCode> {
  return withAuditedCluster(options, async ({ opened, gates, at, until }) => {
    const { cluster, namespaces, gaps } = opened;
    const found = await preflight({
      namespaces,
      isAll: options.all,
      cluster,
      ...gates,
      signal: new AbortController().signal,
      onProgress: progressOf("workloads"),
    });
    const answer = { ...found, gaps: [...gaps, ...found.gaps], namespaces, at, until };
    print(options.output === "json" ? jsonReport(answer) : textReport(answer));
    return exitCodeOf(answer);
  });
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
