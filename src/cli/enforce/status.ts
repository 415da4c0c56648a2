import { EXIT, type ExitCode, type Parsed } from "../../core/index.ts";
import type { Switch } from "../../enforcement/index.ts";
import { inForce, problemText } from "../../incident/index.ts";
import { print, say } from "../terminal.ts";
import { type EnforceOptions, follow, followedSentence, switchJson, switchLine, withGate } from "./gate.ts";

/** `mc enforce status`: what is switched off, and which replicas follow. */
export async function enforceStatus(options: EnforceOptions): Promise<ExitCode> {
  return withGate(options, async (cluster) => {
    const { text } = await cluster.document();
    const found = inForce(text, new Date());
    const failOpen = await cluster.failOpen();
    // a gate that never had a document follows that there is none
    const following =
      options.wait === 0 || text === undefined ? undefined : await follow(cluster, text, options);
    if (options.output === "json") {
      const known = found.ok ? { switches: found.value.map(switchJson) } : { problems: found.problems };
      print(JSON.stringify({ version: 1, ...known, failOpen, following }, undefined, 2));
    } else {
      tellSwitches(found);
      if (failOpen !== undefined)
        print(
          `failurePolicy is Ignore, by ${failOpen.by} until ${failOpen.until.toISOString()} (${failOpen.ticket}: ${failOpen.reason}): mc enforce on puts it back.`,
        );
    }
    if (following !== undefined) say(followedSentence(following));
    const isFollowed = following === undefined || following.isComplete;
    return found.ok && isFollowed ? EXIT.allowed : EXIT.unknown;
  });
}

function tellSwitches(found: Parsed<readonly Switch[]>): void {
  if (!found.ok) {
    for (const each of found.problems) say(problemText(each));
    print("It is not known what is switched off: replicas go by the last document that they could read.");
    return;
  }
  for (const each of found.value) print(switchLine(each));
  if (found.value.length === 0) print("Enforcement is on: no switch is in force.");
}
