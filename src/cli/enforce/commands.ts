import type { Command } from "commander";

import { duration, type Finish, outputOption, seconds, withGateObjects } from "../options.ts";

const EXIT_CODES = `
Exit codes: 0 done, and every replica answers with it; 10 refused; 11 written, but not known of every replica, or cannot be
asked (retry); 12 invalid configuration or usage.`;

const OFF_HELP = `
Refusals become warnings until the end, which is at most 24 hours away; then enforcement is back by itself. Revocations keep
refusing. It needs the right to weaken enforcement.mc-gate.dev in the gate's namespace. A second person confirms it with
mc enforce confirm: without that it can be neither renewed nor repeated within a day of its end.

Every replica is asked at its own address, so wait where pods can be reached, or with --wait 0 elsewhere.

Examples:
  mc enforce off --for 15m --reason "the gate refuses every image of shop" --ticket INC-7 --namespace shop
  mc enforce off --for 1h --reason "no replica starts, webhook times out" --ticket INC-7 --fail-open
${EXIT_CODES}`;

/** `mc enforce`. */
export function addEnforce(program: Command, finish: Finish): void {
  const enforce = program
    .command("enforce")
    .description("Switch enforcement off for a while, and back on. Revocations keep refusing.");
  withGate(enforce.command("status"))
    .description("Show what is switched off, by whom, why and until when, and which replicas follow.")
    .addHelpText("after", EXIT_CODES)
    .action(async (options) => {
      const { enforceStatus } = await import("./status.ts");
      await finish(enforceStatus(options));
    });
  addOff(enforce, finish);
  withGate(enforce.command("on"))
    .description("Put enforcement back now, and failurePolicy where --fail-open changed it.")
    .argument("[id]", "the switch; all that are in force if absent")
    .option("--dry-run", "say what would change, and write nothing", false)
    .addHelpText("after", EXIT_CODES)
    .action(async (id: string | undefined, options) => {
      const { enforceOn } = await import("./on.ts");
      await finish(enforceOn(id, options));
    });
  withGate(enforce.command("confirm"))
    .description("Confirm a switch as the second person.")
    .argument("[id]", "the switch; the newest one without a confirmation if absent")
    .option("--dry-run", "say what would change, and write nothing", false)
    .addHelpText("after", EXIT_CODES)
    .action(async (id: string | undefined, options) => {
      const { enforceConfirm } = await import("./confirm.ts");
      await finish(enforceConfirm(id, options));
    });
}

function addOff(enforce: Command, finish: Finish): void {
  withGate(enforce.command("off"))
    .description("Turn enforce into advisory for all namespaces, one namespace or one rule.")
    .requiredOption("--for <duration>", "until when, from now: 15m, 2h; 24h at most", duration)
    .requiredOption("--reason <text>", "the reason, in at least 10 characters")
    .requiredOption("--ticket <ticket>", "where the incident is tracked")
    .option("--namespace <name>", "only in this namespace")
    .option("--rule <name>", "only for refusals of this rule of the policy")
    .option("--fail-open", "where no replica answers: have the API server admit unanswered", false)
    .option("--dry-run", "say what would change, and write nothing", false)
    .addHelpText("after", OFF_HELP)
    .action(async (options) => {
      const { enforceOff } = await import("./off.ts");
      await finish(enforceOff(options));
    });
}

/** Which gate is meant, and how it is asked. */
function withGate(command: Command): Command {
  return withGateObjects(
    command.option(
      "--gate-namespace <name>",
      "the gate's namespace; default: that of the pod, or of the kubeconfig",
    ),
  )
    .option(
      "--config-map <name>",
      "the ConfigMap of the switches; default: the Service's name with -enforcement",
    )
    .option("--token-file <file>", "a token for the replicas; default: one is made for --service-account")
    .option(
      "--service-account <name>",
      "whose token the replicas are shown; default: the Service's name with -on-call",
    )
    .option("--wait <seconds>", "how long to wait for the replicas; 0 for not at all", waiting, 30)
    .addOption(outputOption());
}

function waiting(text: string): number {
  return text === "0" ? 0 : seconds(text);
}
