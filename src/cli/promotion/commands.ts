import { type Command, InvalidArgumentError, Option } from "commander";

import {
  collect,
  duration,
  type Finish,
  githubApiOption,
  outputOption,
  seconds,
  withSigning,
} from "../options.ts";
import { withRevocations } from "../revocations-option.ts";

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

const PROMOTE_HELP = `
Each image that the journal calls promotable is judged again, by the policy and revocations given here: a line of a file
proves nothing. For each that is, one SLSA Verification Summary (VSA v1) is signed and attached as a referrer. Where this signer's
summary is there, says the same and is young enough, nothing is written. Without --yes nothing is written at all, and the
result says what would be.

Signing: --key with a P-256 key, PEM or of cosign generate-key-pair, its password in COSIGN_PASSWORD; or keyless, with the
token in SIGSTORE_ID_TOKEN, --identity-token-file or of the CI system. Keep the key out of the gate's namespace.

An image that is not promotable any more, and that a summary of this signer may still admit, is counted as contradicted and
named: revoke its digest.

Exit codes: 0 all have a summary (or would), 10 some are not promotable, 11 something could not be told or written (run it
again), 12 invalid configuration.`;

/** `mc inventory`, `mc backfill` and `mc promote`. */
export function addPromotion(program: Command, finish: Finish): void {
  addInventory(program, finish);
  addPromote(program, finish);
  const group = program.command("backfill").description("Judge everything that exists, before enforcing.");
  addBackfillRun(group, finish);
  addPublish(group, finish);
  group
    .command("merge")
    .description("Join the journals of all shards of one run.")
    .argument("<journal...>", "journals of all shards")
    .action(async (files: string[]) => {
      const { mergeBackfill } = await import("./backfill.ts");
      await finish(mergeBackfill(files));
    });
}

const PUBLISH_HELP = `
A listed digest is refused in every repository and at the next restart of what runs. Left out are digests that are good, not
known or not judged anywhere in the journal, images that no rule asks about, and what runs: as --cluster says now, else as the
journal says. --include-running shows what would stop, and lists that as well with --yes. Comments and layout of the document
stay. Commit the edit: it is reviewed like any other revocation.

Exit codes: 0 written or nothing to list, 10 refused, or running images need --yes, 11 could not tell, 12 invalid configuration.`;

function addPublish(group: Command, finish: Finish): void {
  group
    .command("publish")
    .description("Propose what is not promotable for the revocation document.")
    .requiredOption("--journal <file>", "a finished journal of mc backfill")
    .requiredOption("--revocations <file>", "the revocation document that is edited")
    .option("--cluster", "ask a cluster what runs now", false)
    .option("--kubeconfig <file>", "a kubeconfig for --cluster; default: the pod's own service account")
    .option("--include-running", "list what runs as well; shows what would stop", false)
    .option("--yes", "with --include-running: write it", false)
    .option("--dry-run", "print the resulting document, and write nothing", false)
    .addOption(outputOption())
    .addHelpText("after", PUBLISH_HELP)
    .action(async (options) => {
      const { publishBackfill } = await import("./publish.ts");
      await finish(publishBackfill(options));
    });
}

function addBackfillRun(group: Command, finish: Finish): void {
  const command = group
    .command("run")
    .description("Judge every image by the policy, without waivers, and count the states.");
  withSources(command).requiredOption("--policy <file>", "the policy document");
  withJudging(command)
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

function addPromote(program: Command, finish: Finish): void {
  const command = program
    .command("promote")
    .description("Sign a verification summary for each image that a backfill found promotable.")
    .requiredOption("--journal <file>", "a journal of mc backfill, - for standard input");
  const linked = withGitHub(
    withVerification(command),
    "an owner whose images may be linked to workflow runs by GitHub's records; repeatable",
  );
  withSigning(linked)
    .option("--tag", "also put the tag promotable-<digest> on each image, which nothing relies on", false)
    .option("--record <file>", "where each result is written, and from where a stopped run continues")
    .option("--concurrency <n>", "images of one registry at the same time", atOnce, 8)
    .option("--shard <i/n>", "take one of n parts, from 1/n to n/n")
    .option("--shards <n>", "the same, with JOB_COMPLETION_INDEX of an Indexed Job as the part")
    .addOption(
      new Option("--plan", "write nothing; say what would be written (the default)").conflicts("yes"),
    )
    .option("--yes", "sign and write", false)
    .addOption(outputOption())
    .addHelpText("after", PROMOTE_HELP)
    .action(async (options) => {
      const { runPromote } = await import("./promote.ts");
      await finish(runPromote(options));
    });
}

/** What is needed in addition to a policy: neither has a default, since both would weaken it. */
function withJudging<T extends Command>(command: T): T {
  return withRevocations(command, "what is revoked counts as promotable").option(
    "--namespace <name>",
    "whose rules judge; needed where rules are for some namespaces only",
  );
}

/** By what an image is judged, and what a summary says of that. */
function withVerification<T extends Command>(command: T): T {
  return withJudging(command)
    .requiredOption("--policy <file>", "the policy document; its digest is part of each summary")
    .requiredOption("--policy-uri <uri>", "where the policy is found")
    .requiredOption("--verifier <uri>", "id of the verifier, as rules name it")
    .option(
      "--level <authority=n>",
      "SLSA build level that an authority's provenance is trusted for, 1 for all others; repeatable",
      collect,
      [],
    )
    .addOption(
      new Option(
        "--max-age <duration>",
        "maxAge of the rules that ask for it: an older summary is renewed",
      ).argParser(duration),
    )
    .addOption(
      new Option("--renew-before <duration>", "renew it so long before that, such as 72h").argParser(
        duration,
      ),
    )
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--timeout <seconds>", "timeout per image", seconds, 60);
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
  const listed = command.option(
    "--catalog <host[/path]>",
    "a registry's own list of repositories and tags; repeatable",
    collect,
    [],
  );
  return withGitHub(listed, "container packages of an organization or person; repeatable")
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

/** Whose packages and runs are read on GitHub. */
function withGitHub<T extends Command>(command: T, meaning: string) {
  return command
    .option("--github <owner>", meaning, collect, [])
    .addOption(new Option("--github-token <token>", "token for --github").env("GITHUB_TOKEN"))
    .addOption(githubApiOption())
    .option("--github-registry <host>", "where GitHub's packages are", "ghcr.io");
}

/** Reads a number from 1 to 128. Throws InvalidArgumentError. */
function atOnce(text: string): number {
  const value = Number(text);
  if (!/^\d{1,3}$/.test(text) || value < 1 || value > 128)
    throw new InvalidArgumentError("Not a number from 1 to 128.");
  return value;
}
