import type { Command } from "commander";

import { type Finish, gateCaOption, gateOption, port, seconds, tokenOption } from "../options.ts";

const HELP = `
Each question for /v1/verdict goes to the gate with the pod's token, and the answer comes back as it is. What the gate does
not answer is pending (409). Whoever reaches the port can ask: let a NetworkPolicy name the controller.`;

/** `mc forward`: for controllers that cannot bring a token. */
export function addForward(program: Command, finish: Finish): void {
  program
    .command("forward")
    .description(
      "Pass questions about rollouts on to the gate, for controllers without a token, such as Flagger.",
    )
    .addOption(gateOption())
    .addOption(gateCaOption())
    .addOption(tokenOption())
    .option("--port <number>", "port to listen on, without TLS", port, 8080)
    .option("--timeout <seconds>", "time for an answer of the gate", seconds, 40)
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { forward } = await import("./forward.ts");
      await finish(forward(options));
    });
}
