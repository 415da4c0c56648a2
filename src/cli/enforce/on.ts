import { EXIT, type ExitCode } from "../../core/index.ts";
import { switchOn } from "../../incident/index.ts";
import { say } from "../terminal.ts";
import { concluded, type EnforceOptions, refused, tellResult, withGate } from "./gate.ts";

export interface OnOptions extends EnforceOptions {
  readonly dryRun: boolean;
}

/** `mc enforce on`: ends what is switched off, and puts failurePolicy back. */
export async function enforceOn(id: string | undefined, options: OnOptions): Promise<ExitCode> {
  const { dryRun: isDryRun } = options;
  return withGate(options, async (cluster) => {
    const wasOpen = await cluster.endFailOpen({ isDryRun });
    if (wasOpen) say(`failurePolicy ${isDryRun ? "would be" : "is"} Fail again.`);
    const done = await switchOn(id, { cluster, now: new Date(), isDryRun });
    if (done === undefined) return nothingToEnd(id, wasOpen, options);
    return done.ok ? concluded(done.value, cluster, options) : refused(done.problems);
  });
}

function nothingToEnd(id: string | undefined, wasOpen: boolean, options: OnOptions): ExitCode {
  say(id === undefined ? "No switch is in force." : `No switch ${id} is in force.`);
  tellResult(options, [], undefined);
  return id === undefined || wasOpen ? EXIT.allowed : EXIT.refused;
}
