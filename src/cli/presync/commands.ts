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
The command sends only the token: the gate determines by itself what is about to be synced.
It retries only if the answer is undetermined (11), until the timeout.
${EXIT_HELP}`;

/** `mc presync`: what a PreSync hook of Argo CD runs. */
export function addPresync(program: Command, finish: Finish): void {
  program
    .command("presync")
    .description("Ask the gate whether the sync that runs this hook may continue.")
    .addOption(gateOption())
    .addOption(gateCaOption())
    .addOption(tokenOption())
    .addOption(
      new Option("--termination-log <file>", "file for the reason, read by the kubelet; none if empty")
        .env("MC_TERMINATION_LOG")
        .default("/dev/termination-log"),
    )
    .option("--timeout <seconds>", "timeout of all attempts", seconds, 90)
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { presync } = await import("./presync.ts");
      await finish(presync(options));
    });
}
