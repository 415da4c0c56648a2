import type { Command } from "commander";

import { withAudited } from "../audited-options.ts";
import type { Finish } from "../options.ts";

const HELP = `
What runs is judged, and not what was asked for: the digests that nodes give for containers, init and ephemeral containers and
image volumes, in every namespace asked about, whatever its mode. An index is judged where a node names its platform image. What
a node gives no repository digest for is unknown. Nothing is changed.

What passes now is judged again as of --within. With --all, images that lie on nodes and that no pod accounts for are listed, too;
a node lists 50 at most unless its kubelet is configured otherwise.

Private registries need credentials: by --docker-config, or --pull-secrets with the right to get Secrets and ServiceAccounts.

Exit codes: 0 all that runs is good, now and within that time, 10 something is not, 11 something could not be told or seen, or
nothing runs, 12 invalid configuration or usage.

Examples:
  mc audit --all --policy policy.yaml --waivers waivers.yaml --revocations revocations.yaml
  mc audit --namespace shop --policy policy.yaml --revocations revocations.yaml -o json`;

/** `mc audit`. */
export function addAudit(program: Command, finish: Finish): void {
  const command = program
    .command("audit")
    .description("Judge what runs in a cluster as of now, and what of it will not pass soon.");
  withAudited(command)
    .addHelpText("after", HELP)
    .action(async (options) => {
      const { runAudit } = await import("./audit.ts");
      await finish(runAudit(options));
    });
}
