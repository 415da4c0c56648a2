import { type Command, Option } from "commander";

import { collect, duration, outputOption, seconds } from "./options.ts";
import { withRevocations } from "./revocations-option.ts";

const AHEAD = 48 * 3_600_000;

/** What commands take that judge a cluster's images by documents from files, now and some time ahead. */
export function withAudited(command: Command) {
  command
    .option("--namespace <name>", "a namespace; repeatable", collect, [])
    .addOption(new Option("--all", "every namespace").default(false))
    .requiredOption("--policy <file>", "the policy document")
    .option("--waivers <file>", "the waiver document");
  return withRevocations(command, "what is revoked counts as good")
    .option(
      "--trust-root <name=file>",
      "your copy of a trust root that the policy reads from a file; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option("--within <duration>", "how far ahead is looked").argParser(duration).default(AHEAD, "48h"),
    )
    .option("--kubeconfig <file>", "a kubeconfig; default: the pod's own service account")
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--pull-secrets", "read the pull secrets that workloads name, in their namespaces", false)
    .option("--timeout <seconds>", "timeout per workload", seconds, 60)
    .addOption(outputOption());
}
