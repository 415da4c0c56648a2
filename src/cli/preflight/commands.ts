import type { Command } from "commander";

import { withAudited } from "../audited-options.ts";
import type { Finish } from "../options.ts";

const HELP = `
Every object with a pod spec is judged as the webhook would judge it if it were created now and its namespace enforced:
templates, and running pods, which may name images that no template names. Nothing is changed, and nothing is asked of the
cluster but lists. Namespaces that the webhook leaves out by their names are named in the report, and not judged.
Private registries need credentials: by --docker-config, or --pull-secrets with the right to get Secrets and ServiceAccounts.

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
    .description("Say what would be refused if namespaces enforced from now, and what soon after.");
  withAudited(command)
    .option("--webhook-configuration <name>", "the gate's ValidatingWebhookConfiguration", "mc-gate")
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { runPreflight } = await import("./preflight.ts");
      await finish(runPreflight(options));
    });
}
