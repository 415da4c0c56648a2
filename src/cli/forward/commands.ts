import { type Command, Option } from "commander";

import { type Finish, port, seconds } from "../options.ts";

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
    .addOption(
      new Option("--gate <url>", "the gate's address")
        .env("MC_GATE_URL")
        .default("https://mc-gate.mc-gate.svc"),
    )
    .addOption(
      new Option("--ca-file <file>", "PEM of the authority of the gate's certificate").env("MC_GATE_CA_FILE"),
    )
    .addOption(
      new Option("--token-file <file>", "the pod's projected token")
        .env("MC_TOKEN_FILE")
        .default("/var/run/mc/token"),
    )
    .option("--port <number>", "port to listen on, without TLS", port, 8080)
    .option("--timeout <seconds>", "time for an answer of the gate", seconds, 40)
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { forward } = await import("./forward.ts");
      await finish(forward(options));
    });
}
