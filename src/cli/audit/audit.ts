import { type Audit, audit, type AuditRegistry } from "../../audit/index.ts";
import type { ComposedGate } from "../../composition/index.ts";
import { EXIT, type ExitCode } from "../../core/index.ts";
import { NO_REVOCATIONS } from "../../revocations/index.ts";
import { print } from "../terminal.ts";
import { type AuditedOptions, progressOf, withAuditedCluster } from "../with-audited-cluster.ts";
import { jsonReport, textReport } from "./report.ts";

/** What a report shows. */
export interface Answer extends Audit {
  readonly at: Date;
  readonly until: Date;
}

/** `mc audit`: what runs, judged as of now. */
export function runAudit(options: AuditedOptions): Promise<ExitCode> {
  return withAuditedCluster(options, async ({ opened, gates, at, until }) => {
    const { digests, nonPromotable } = gates.composed.revocations.current() ?? NO_REVOCATIONS;
    const found = await audit({
      namespaces: opened.namespaces,
      isAll: options.all,
      cluster: opened.cluster,
      registry: registryOf(gates.composed, options),
      ...gates,
      isRevoked: (digest) => digests.has(digest) || nonPromotable.has(digest),
      signal: new AbortController().signal,
      onProgress: progressOf("images"),
    });
    const answer = { ...found, gaps: [...opened.gaps, ...found.gaps], at, until };
    print(options.output === "json" ? jsonReport(answer) : textReport(answer));
    return exitCodeOf(answer);
  });
}

function registryOf({ registry }: ComposedGate, { timeout }: AuditedOptions): AuditRegistry {
  const signal = (): AbortSignal => AbortSignal.timeout(timeout * 1000);
  return {
    resolve: (ref, access) => registry.resolve(ref, access, signal()),
    contents: (image, access) => registry.contents(image, access, signal()),
  };
}

/** That nothing runs proves nothing. A static pod is not a fault by itself. */
function exitCodeOf({ counts, kinds, nodeImages, gaps }: Answer): ExitCode {
  const isRevoked = nodeImages.unaccounted.some((each) => each.isRevoked);
  if (counts.refused > 0 || isRevoked || (kinds["ends-soon"] ?? 0) > 0) return EXIT.refused;
  const judged = counts.allowed + counts.unknown;
  const isUnseen = gaps.some(({ code }) => code !== undefined);
  return isUnseen || judged === 0 || counts.unknown > 0 ? EXIT.unknown : EXIT.allowed;
}
