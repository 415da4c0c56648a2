import { type Audit, audit, type AuditRegistry } from "../../audit/index.ts";
import type { ComposedGate } from "../../composition/index.ts";
import { EXIT, type ExitCode } from "../../core/index.ts";
import { NO_REVOCATIONS } from "../../revocations/index.ts";
import { type ClusterOptions, openCluster } from "../audited-cluster.ts";
import { openGates, type TwoTimesOptions } from "../gates-of-two-times.ts";
import { type RevocationsOptions, revocationsIn } from "../revocations-option.ts";
import { print, say } from "../terminal.ts";
import { jsonReport, textReport } from "./report.ts";

export type AuditOptions = ClusterOptions &
  TwoTimesOptions &
  RevocationsOptions & { readonly output: "text" | "json" };

/** What a report shows. */
export interface Answer extends Audit {
  readonly at: Date;
  readonly until: Date;
}

/** `mc audit`: what runs, judged as of now. */
export async function runAudit(options: AuditOptions): Promise<ExitCode> {
  revocationsIn(options, "what is revoked counts as good");
  const at = new Date();
  const until = new Date(at.getTime() + options.within);
  const opened = await openCluster(options);
  try {
    const gates = openGates(options, opened.credentials);
    try {
      const { digests, nonPromotable } = gates.composed.revocations.current() ?? NO_REVOCATIONS;
      const found = await audit({
        namespaces: opened.namespaces,
        isAll: options.all,
        cluster: opened.cluster,
        registry: registryOf(gates.composed, options),
        ...gates,
        isRevoked: (digest) => digests.has(digest) || nonPromotable.has(digest),
        signal: new AbortController().signal,
        onProgress,
      });
      const answer = { ...found, gaps: [...opened.gaps, ...found.gaps], at, until };
      print(options.output === "json" ? jsonReport(answer) : textReport(answer));
      return exitCodeOf(answer);
    } finally {
      await gates.close();
    }
  } finally {
    await opened.close();
  }
}

function registryOf({ registry }: ComposedGate, { timeout }: TwoTimesOptions): AuditRegistry {
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

const STEP = 100;

function onProgress(done: number, all: number): void {
  if (process.stderr.isTTY && done % STEP === 0) say(`${done}/${all} images`);
}
