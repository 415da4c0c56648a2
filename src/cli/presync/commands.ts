import { type Command, Option } from "commander";

import {
  EXIT_HELP,
  type Finish,
  gateCaOption,
  gateOption,
  outputOption,
  seconds,
  tokenOption,
} from "../options.ts";

const HELP = `
The command brings the token, and nothing about images: the gate finds out by itself what is about to be synced.
It asks again only where the gate cannot tell (11), until the time is up.
${EXIT_HELP}`;

/** `mc presync`: what a PreSync hook of Argo CD runs. */
export function addPresync(program: Command, finish: Finish): void {
  program
    .command("presync")
    .description("Ask the gate whether the sync that runs this hook may go on.")
    .addOption(gateOption())
    .addOption(gateCaOption())
    .addOption(tokenOption())
    .addOption(
      new Option("--termination-log <file>", "where the reason goes for the kubelet; nowhere where empty")
        .env("MC_TERMINATION_LOG")
        .default("/dev/termination-log"),
    )
    .option("--timeout <seconds>", "time for all attempts", seconds, 90)
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { presync } = await import("./presync.ts");
      await finish(presync(options));
    });
}
