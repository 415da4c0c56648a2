import { parseImageRef, repositoryName, EXIT, type ExitCode } from "../../core/index.ts";
import { auditWaivers, type Running, type Waiver, type WaiverAudit } from "../../waivers/index.ts";
import { problemLine } from "../problems.ts";
import { runningPods } from "../running-pods.ts";
import { print, say } from "../terminal.ts";
import { auditJson, auditText } from "./audit-report.ts";
import { readWaivers } from "./documents.ts";
import { usesIn } from "./uses.ts";

export interface AuditOptions extends AuditInputs {
  readonly output: "text" | "json";
}

/** What waivers are compared with. */
export interface AuditInputs {
  /** The clock. */
  readonly at: Date;
  /** Files with decision log lines. */
  readonly uses: readonly string[];
  /** File with the pods that run. */
  readonly workloads?: string;
}

/** `mc waivers audit`: which waivers count, end, have ended, are unused, and what would be refused when each ends. */
export function waiversAudit(file: string, { output, ...inputs }: AuditOptions): ExitCode {
  const { waivers, problems } = readWaivers(file);
  const audit = auditOf(waivers, inputs);
  print(output === "json" ? auditJson(audit, problems, inputs.at) : auditText(audit, inputs.at));
  for (const problem of problems) say(`not a waiver: ${problemLine({ file, ...problem })}`);
  return problems.length + audit.expired.length === 0 ? EXIT.allowed : EXIT.refused;
}

/** The waivers compared with their uses and with what runs, where these are given. Throws UsageError. */
export function auditOf(waivers: readonly Waiver[], { at, uses, workloads }: AuditInputs): WaiverAudit {
  return auditWaivers(waivers, {
    now: at,
    ...(uses.length > 0 && { uses: usesIn(uses) }),
    ...(workloads !== undefined && { running: runningIn(workloads) }),
  });
}

/** What runs in the pods that `kubectl get pods -A -o json` lists, image volumes included. Throws UsageError. */
function runningIn(file: string): Running[] {
  return runningPods(file).flatMap(({ namespace, name, images }) =>
    images.map(({ image, place, running }) => {
      const parsed = parseImageRef(image);
      const digests = [parsed.ok ? parsed.ref.digest : undefined, running];
      return {
        namespace,
        text: `${namespace}/${name} (${place})`,
        repository: parsed.ok ? repositoryName(parsed.ref) : undefined,
        digests: digests.flatMap((each) => each ?? []),
      };
    }),
  );
}
