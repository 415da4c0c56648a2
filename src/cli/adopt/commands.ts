import { type Command, Option } from "commander";

import { collect, type Finish, outputOption } from "../options.ts";

const ARGOCD_HELP = `
Examples:
  kubectl get applications.argoproj.io,applicationsets.argoproj.io,appprojects.argoproj.io -A -o json |
    mc adopt argocd -f - --repo https://git.example.com/platform/mc-presync --revision v1
  mc adopt argocd -f clusters/ --repo https://git.example.com/platform/mc-presync --revision v1 --apply

No cluster is contacted. Files are replaced atomically; comments and layout stay. If an Application is read from a
cluster and from a file, the file is changed, and the cluster's copy shows whether the last sync ran the hook.

Applications in which the hook cannot run are listed: --layer both leaves those to the operation gate, and --layer
operation leaves all to it and changes nothing.

Exit codes: 0 each has what the layer needs, 10 one lacks it, is undetermined, or its project does not allow it,
12 invalid configuration or usage.`;

const WAY = new Option("--way <way>", "how to add the hook")
  .choices(["sources", "components"])
  .default("sources");
const LAYER = new Option("--layer <layer>", "what asks the gate")
  .choices(["hook", "operation", "both"])
  .default("hook");
const MOVING = new Option(
  "--moving-revisions <how>",
  "argocd.operations.movingRevisions of the gate, for --layer operation and both",
)
  .choices(["refuse", "judge"])
  .default("refuse");
const CLUSTER_HELP = "another cluster in which a gate runs, as destinations name it; repeatable";

export function addAdopt(program: Command, finish: Finish): void {
  const adopt = program.command("adopt").description("Add the gate to existing Argo CD Applications.");
  adopt
    .command("argocd")
    .description(
      "List Argo CD Applications without the PreSync hook, and the change for each. A dry run by default.",
    )
    .requiredOption(
      "-f, --filename <path>",
      "kubectl output as JSON or YAML, a manifest file or folder, - for standard input; repeatable",
      collect,
      [],
    )
    .requiredOption("--repo <url>", "the hook's repository, as Argo CD knows it")
    .requiredOption("--revision <revision>", "its branch, tag or commit")
    .option("--hook-path <path>", "folder of the hook in that repository", "hook")
    .option("--component-path <path>", "folder of the kustomize component in that repository", "component")
    .addOption(WAY)
    .addOption(LAYER)
    .addOption(MOVING)
    .option("--cluster <address or name>", CLUSTER_HELP, collect, [])
    .option(
      "--exempt <namespace/name>",
      "an Application that needs no hook, such as the gate's own; repeatable",
      collect,
      [],
    )
    .option("--namespace <name>", "namespace of objects that do not name one", "argocd")
    .addOption(new Option("--dry-run", "write nothing (default)").conflicts(["apply", "out"]))
    .option("--apply", "write the manifest files", false)
    .option("--out <folder>", "write patches for objects read from a cluster into a new folder")
    .addOption(outputOption())
    .addHelpText("after", ARGOCD_HELP)
    .action(async (options) => {
      const { adoptArgocd } = await import("./argocd.ts");
      await finish(adoptArgocd(options));
    });
}
