import type { Command } from "commander";

import { EXIT_HELP, type Finish, collect, outputOption, tokenOption, withGateObjects } from "../options.ts";

const HELP = `
Compared are the texts of ConfigMaps with the gate's names, files that are named policy.yaml, waivers.yaml,
revocations.yaml or settings.yaml, and the ValidatingWebhookConfiguration. Every replica is asked at its own address,
so the command runs where pods can be reached: as a CronJob (chart value drift.enabled), or a Job made from it.
${EXIT_HELP}`;

/** `mc drift`. */
export function addDrift(program: Command, finish: Finish): void {
  const command = program
    .command("drift")
    .description("Compare what is in force on every replica with the files in git.")
    .requiredOption("-f, --file <path>", "manifests or documents, files or folders; repeatable", collect, [])
    .option("--namespace <name>", "the gate's namespace; default: that of the pod, or of the kubeconfig");
  withGateObjects(command)
    .addOption(tokenOption())
    .option("--report", "leave the counts with the replicas, as metrics")
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { drift } = await import("./drift.ts");
      await finish(drift(options));
    });
}
