import type { Command } from "commander";

import { type Finish, gateCaOption, gateOption, port, seconds, tokenOption } from "../options.ts";

const HELP = `
Each request for /v1/verdict goes to the gate with the pod's token, and the answer is returned unchanged. Requests that
the gate does not answer are pending (409). Any client that reaches the port can ask: admit only the controller by a
NetworkPolicy.`;

/** `mc forward`: for controllers that cannot bring a token. */
export function addForward(program: Command, finish: Finish): void {
  program
    .command("forward")
    .description(
      "Forward requests about rollouts to the gate, for controllers without a token, such as Flagger.",
    )
    .addOption(gateOption())
    .addOption(gateCaOption())
    .addOption(tokenOption())
    .option("--port <number>", "port to listen on, without TLS", port, 8080)
    .option("--timeout <seconds>", "timeout of the gate's answer", seconds, 40)
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { forward } = await import("./forward.ts");
      await finish(forward(options));
    });
}
