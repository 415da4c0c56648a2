import type { ExitCode } from "../core/index.ts";
import { type ClusterOptions, openCluster, type OpenedCluster } from "./audited-cluster.ts";
import { type GatesOfTwoTimes, openGates, type TwoTimesOptions } from "./gates-of-two-times.ts";
import { type RevocationsOptions, revocationsIn } from "./revocations-option.ts";
import { say } from "./terminal.ts";

/** What commands take that judge a cluster. */
export type AuditedOptions = ClusterOptions &
  TwoTimesOptions &
  RevocationsOptions & { readonly output: "text" | "json" };

/** A cluster, and the gates that judge it now and as of the horizon. */
export interface AuditedCluster {
  readonly opened: OpenedCluster;
  readonly gates: GatesOfTwoTimes;
  readonly at: Date;
  readonly until: Date;
}

/** Opens both, and closes them after the work. Rejects with UsageError on a bad set-up. */
export async function withAuditedCluster(
  options: AuditedOptions,
  work: (audited: AuditedCluster) => Promise<ExitCode>,
): Promise<ExitCode> {
  revocationsIn(options, "what is revoked counts as good");
  const at = new Date();
  const until = new Date(at.getTime() + options.within);
  const opened = await openCluster(options);
  try {
    const gates = openGates(options, opened.credentials);
    try {
      return await work({ opened, gates, at, until });
    } finally {
      await gates.close();
    }
  } finally {
    await opened.close();
  }
}

const STEP = 100;

/** Says on a terminal how many of what are done. */
export function progressOf(what: string): (done: number, all: number) => void {
  return (done, all) => {
    if (process.stderr.isTTY && done % STEP === 0) say(`${done}/${all} ${what}`);
  };
}
