import { EXIT, type ExitCode } from "../../core/index.ts";
import { confirmSwitch } from "../../incident/index.ts";
import { say } from "../terminal.ts";
import { refused, tellResult, withGate } from "./gate.ts";
import type { OnOptions } from "./on.ts";

/** `mc enforce confirm`: answers for a switch as the second person. */
export async function enforceConfirm(id: string | undefined, options: OnOptions): Promise<ExitCode> {
  const { dryRun: isDryRun } = options;
  return withGate(options, async (cluster) => {
    const done = await confirmSwitch(id, { cluster, now: new Date(), isDryRun });
    if (done === undefined) {
      say(id === undefined ? "Every switch is confirmed." : `No switch ${id} waits for a confirmation.`);
      return EXIT.refused;
    }
    if (!done.ok) return refused(done.problems);
    if (isDryRun) say("Dry run: the API server would accept this, and nothing is written.");
    tellResult(options, done.value.switches, undefined);
    return EXIT.allowed;
  });
}
