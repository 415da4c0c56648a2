import { type Command, Option } from "commander";

import { collect, type Finish, outputOption } from "../options.ts";

const ARGOCD_HELP = `
Examples:
  kubectl get applications.argoproj.io,applicationsets.argoproj.io,appprojects.argoproj.io -A -o json |
    mc adopt argocd -f - --repo https://git.example.com/platform/mc-presync --revision v1
  mc adopt argocd -f clusters/ --repo https://git.example.com/platform/mc-presync --revision v1 --apply

No cluster is asked or changed. Files are replaced as a whole; comments and layout stay. Of an Application that is read
from a cluster and from a file, the file is changed, and the cluster's tells whether the last sync ran the hook.

Where the hook cannot run, it is said so: --layer both leaves those to the operation gate, and --layer operation leaves
all to it and changes nothing.

Exit codes: 0 each has what the layer takes, 10 one lacks it, cannot be told of, or may not have it by its project,
12 invalid configuration or usage.`;

const WAY = new Option("--way <way>", "what brings the hook in")
  .choices(["sources", "components"])
  .default("sources");
const LAYER = new Option("--layer <layer>", "what shall ask the gate")
  .choices(["hook", "operation", "both"])
  .default("hook");
const CLUSTER_HELP = "another cluster where a gate runs, as destinations name it; repeatable";

/** `mc adopt`. */
export function addAdopt(program: Command, finish: Finish): void {
  const adopt = program.command("adopt").description("Bring the gate to what is there.");
  adopt
    .command("argocd")
    .description(
      "List Argo CD Applications without the PreSync hook, and the change of each. A dry run unless told otherwise.",
    )
    .requiredOption(
      "-f, --filename <path>",
      "what kubectl prints as JSON or YAML, a manifest file or folder, - for standard input; repeatable",
      collect,
      [],
    )
    .requiredOption("--repo <url>", "the repository of the hook, as Argo CD knows it")
    .requiredOption("--revision <revision>", "its branch, tag or commit")
    .option("--hook-path <path>", "folder of the hook in it", "hook")
    .option("--component-path <path>", "folder of the kustomize component in it", "component")
    .addOption(WAY)
    .addOption(LAYER)
    .option("--cluster <address or name>", CLUSTER_HELP, collect, [])
    .option("--exempt <namespace/name>", "needs no hook, such as the gate's own; repeatable", collect, [])
    .option("--namespace <name>", "namespace of objects that name none", "argocd")
    .addOption(new Option("--dry-run", "write nothing, which is the default").conflicts(["apply", "out"]))
    .option("--apply", "write the manifest files", false)
    .option("--out <folder>", "write patches of what was read from a cluster into a new folder")
    .addOption(outputOption())
    .addHelpText("after", ARGOCD_HELP)
    .action(async (options) => {
      const { adoptArgocd } = await import("./argocd.ts");
      await finish(adoptArgocd(options));
    });
}
