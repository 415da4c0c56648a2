import { EXIT, type ExitCode } from "../../core/index.ts";
import { inForce } from "../../incident/index.ts";
import { print, say } from "../terminal.ts";
import { type EnforceOptions, follow, followedSentence, switchJson, switchLine, withGate } from "./gate.ts";

/** `mc enforce status`: what is switched off, and which replicas follow. */
export async function enforceStatus(options: EnforceOptions): Promise<ExitCode> {
  return withGate(options, async (cluster) => {
    const { text } = await cluster.document();
    const switches = inForce(text, new Date());
    const failOpen = await cluster.failOpen();
    // a gate that never had a document follows that there is none
    const following =
      options.wait === 0 || text === undefined ? undefined : await follow(cluster, text, options);
    if (options.output === "json") {
      const value = { version: 1, switches: switches.map(switchJson), failOpen, following };
      print(JSON.stringify(value, undefined, 2));
    } else {
      for (const each of switches) print(switchLine(each));
      if (switches.length === 0) print("Enforcement is on: no switch is in force.");
      if (failOpen !== undefined)
        print(
          `failurePolicy is Ignore, by ${failOpen.by} until ${failOpen.until.toISOString()} (${failOpen.ticket}: ${failOpen.reason}): mc enforce on puts it back.`,
        );
    }
    if (following !== undefined) say(followedSentence(following));
    return following === undefined || following.isComplete ? EXIT.allowed : EXIT.unknown;
  });
}
