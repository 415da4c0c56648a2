import { type Command, InvalidArgumentError, Option } from "commander";

import { collect, duration, type Finish, outputOption, seconds } from "../options.ts";

const INVENTORY_HELP = `
One JSON object a line on standard output: "image", "unseen" for what could not be seen, and at last "end" with the sums.
An inventory without its last line was cut off. Times are those of a registry's push, never those that an image states.

Examples:
  mc inventory --catalog registry.example.com/team --cluster > inventory.jsonl
  kubectl get pods -A -o jsonpath='{..image}' | tr ' ' '\\n' | mc inventory --images -

Exit codes: 0 complete, 11 something was missed that may be seen another time, 12 invalid configuration or usage.`;

const BACKFILL_HELP = `
States: promotable (its original provenance verifies), promotable-rebuilt (that of a later build that made the same digest
does), legacy-linked, non-promotable, unknown. The journal is one JSON object a line and is only added to: the same command
continues after a stop, and judges again what was unknown.

Exit codes: 0 all are promotable, 10 some are not, 11 something could not be told (run it again), 12 invalid configuration.`;

/** `mc inventory` and `mc backfill`. */
export function addPromotion(program: Command, finish: Finish): void {
  addInventory(program, finish);
  const group = program.command("backfill").description("Judge everything that exists, before enforcing.");
  addBackfillRun(group, finish);
  group
    .command("merge")
    .description("Join the journals of all shards of one run.")
    .argument("<journal...>", "journals of all shards")
    .action(async (files: string[]) => {
      const { mergeBackfill } = await import("./backfill.ts");
      await finish(mergeBackfill(files));
    });
}

function addBackfillRun(group: Command, finish: Finish): void {
  const command = group
    .command("run")
    .description("Judge every image by the policy, without waivers, and count the states.");
  withSources(command)
    .requiredOption("--policy <file>", "the policy document")
    .option("--revocations <file>", "the revocation document")
    .option("--namespace <name>", "the namespace whose rules apply", "default")
    .requiredOption(
      "--journal <file>",
      "where each verdict is written, and from where a stopped run continues",
    )
    .option("--concurrency <n>", "images of one registry that are judged at the same time", atOnce, 16)
    .option("--shard <i/n>", "judge one of n parts, from 1/n to n/n")
    .option("--shards <n>", "the same, with JOB_COMPLETION_INDEX of an Indexed Job as the part")
    .option("--plan", "judge and write nothing; say what would be asked", false)
    .addOption(outputOption())
    .addHelpText("after", BACKFILL_HELP)
    .action(async (options) => {
      const { runBackfill } = await import("./backfill.ts");
      await finish(runBackfill(options));
    });
}

function addInventory(program: Command, finish: Finish): void {
  const command = program
    .command("inventory")
    .description("List the images that exist: in registries, on GitHub, in a cluster, by name.");
  withSources(command)
    .addHelpText("after", INVENTORY_HELP)
    .action(async (options) => {
      const { printInventory } = await import("./inventory.ts");
      await finish(printInventory(options));
    });
}

/** Where images are looked for. */
function withSources<T extends Command>(command: T): T {
  return command
    .option(
      "--catalog <host[/path]>",
      "a registry's own list of repositories and tags; repeatable",
      collect,
      [],
    )
    .option("--github <owner>", "container packages of an organization or person; repeatable", collect, [])
    .addOption(new Option("--github-token <token>", "token for --github").env("GITHUB_TOKEN"))
    .addOption(
      new Option("--github-api <url>", "GitHub's API")
        .env("GITHUB_API_URL")
        .default("https://api.github.com"),
    )
    .option("--github-registry <host>", "where GitHub's packages are", "ghcr.io")
    .option("--cluster", "running pods, and the templates of workloads", false)
    .option("--kubeconfig <file>", "a kubeconfig for --cluster; default: the pod's own service account")
    .option("--images <file>", "one reference a line, - for standard input")
    .addOption(
      new Option(
        "--since <duration>",
        "leave out images that were pushed earlier and do not run, such as 30d; those without a time stay",
      ).argParser(duration),
    )
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--timeout <seconds>", "timeout per image", seconds, 60);
}

/** Reads a number from 1 to 128. Throws InvalidArgumentError. */
function atOnce(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 128)
    throw new InvalidArgumentError("Not a number from 1 to 128.");
  return value;
}
