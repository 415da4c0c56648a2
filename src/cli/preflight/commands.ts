import { type Command, Option } from "commander";

import { collect, duration, type Finish, outputOption, seconds } from "../options.ts";
import { withRevocations } from "../revocations-option.ts";

const DAYS = 48 * 3_600_000;

const HELP = `
Every object with a pod spec is judged as the webhook would judge it if it were created now and its namespace enforced:
templates, and running pods, which may name images that no template names. Nothing is changed, and nothing is asked of the
cluster but lists. Namespaces that the webhook leaves out by their names are named in the report, and not judged.
Pull secrets are not read: private registries need credentials by --docker-config.

What passes now is judged again as of --within: waivers that end, scans and summaries that grow too old, certificates.

Exit codes: 0 nothing would be refused, now or within that time, 10 something would, 11 something could not be told or seen, or
there was nothing to judge, 12 invalid configuration or usage.

Examples:
  mc preflight --namespace shop --policy policy.yaml --waivers waivers.yaml --revocations revocations.yaml
  mc preflight --all --kubeconfig ~/.kube/config --policy policy.yaml --revocations revocations.yaml -o json`;

/** `mc preflight`. */
export function addPreflight(program: Command, finish: Finish): void {
  const command = program
    .command("preflight")
    .description("Say what would be refused if namespaces enforced from now, and what soon after.")
    .option("--namespace <name>", "a namespace; repeatable", collect, [])
    .addOption(new Option("--all", "every namespace").default(false))
    .requiredOption("--policy <file>", "the policy document")
    .option("--waivers <file>", "the waiver document");
  withRevocations(command, "what is revoked counts as good")
    .option(
      "--trust-root <name=file>",
      "your copy of a trust root that the policy reads from a file; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("--within <duration>", "how far ahead is looked").argParser(duration).default(DAYS, "48h"),
    )
    .option("--kubeconfig <file>", "a kubeconfig; default: the pod's own service account")
    .option("--webhook-configuration <name>", "the gate's ValidatingWebhookConfiguration", "mc-gate")
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--timeout <seconds>", "timeout per workload", seconds, 60)
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { runPreflight } = await import("./preflight.ts");
      await finish(runPreflight(options));
    });
}
