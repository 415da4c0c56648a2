import { type Command, Option } from "commander";

import { type Finish, outputOption, pullNumber, runNumber } from "../options.ts";

const PR_COMMENT_HELP = `
FOLDER holds the artifacts of a workflow run, one folder for each service: report.json of the reusable workflow, and, where
there are any, verify.json (mc verify -o json), plan.txt (mc plan), policy-diff.txt and replay.txt. All of it counts as
written by the author of the pull request: nothing of it is a link or markup in the comment, and the pull request that it
names must be the run's by what GitHub says. GITHUB_TOKEN (actions: read, pull-requests: write) and GITHUB_API_URL are taken
from the environment. Only a comment of the token's own user is edited.

Exit codes: 0 written, or nothing to write; 10 the run is not the pull request's; 11 GitHub did not answer (retry);
12 invalid configuration or usage.`;

/** `mc pr-comment`. */
export function addPrComment(program: Command, finish: Finish): void {
  program
    .command("pr-comment")
    .description(
      "Keep one comment on a pull request: what blocks, how to fix it, what changed. A dry run by default.",
    )
    .argument("<folder>", "the artifacts of the run")
    .addOption(
      new Option("--repo <owner/name>", "the repository on GitHub")
        .env("GITHUB_REPOSITORY")
        .makeOptionMandatory(),
    )
    .requiredOption("--run <id>", "the workflow run that left the artifacts", runNumber)
    .option("--pull <number>", "the pull request; default: the one that the reports name", pullNumber)
    .option("--apply", "write the comment", false)
    .addOption(new Option("--summary <file>", "append the whole text to a file").env("GITHUB_STEP_SUMMARY"))
    .option("--sarif <file>", "write the findings for code scanning")
    .addOption(outputOption())
    .addHelpText("after", PR_COMMENT_HELP)
    .action(async (folder: string, options) => {
      const { prComment } = await import("./pr-comment.ts");
      await finish(prComment(folder, options));
    });
}
