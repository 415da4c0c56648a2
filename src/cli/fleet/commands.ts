import { type Command, InvalidArgumentError } from "commander";

import { type Finish, githubApiOption, outputOption, reusableWorkflow } from "../options.ts";

const FLEET_HELP = `
GITHUB_TOKEN is the token: of a GitHub App with the rights contents, pull requests and workflows (write), and actions, checks,
metadata and members (read). Nothing is written without --yes. Pull requests are opened in waves, of 1, 10, 50 and 100 percent of the
repositories: each call opens the next wave, once nine in ten pull requests of the last are green.`;

const PLAN_EXAMPLE = `
Example:
  mc fleet plan --org acme --workflow acme/mc/.github/workflows/_reusable-ci-security.yml \\
    --commit 0123…cdef --release v1.2.3 --docs https://docs.acme.test/mc --out plan.json
  mc fleet open --plan plan.json --journal fleet.jsonl --yes

Exit codes: 0 everything is as it should be, or was done; 10 something is left to do, was refused, or changed since the plan;
11 something could not be found out; 12 invalid configuration or usage.`;

/** `mc fleet`. */
export function addFleet(program: Command, finish: Finish): void {
  const fleet = program
    .command("fleet")
    .description(
      "Bring the security workflow to every repository of an organization, by pull requests in waves.",
    )
    .addHelpText("after", FLEET_HELP);
  withWorkflow(fleet.command("discover"))
    .description("List which repositories run the workflow, which could, and which are unknown.")
    .action(async (options) => finish((await import("./discover.ts")).discoverFleet(options)));
  withRelease(fleet.command("plan"))
    .description(
      "Show which pull requests would be opened in which wave, and how long GitHub's limits make that take.",
    )
    .option("--out <file>", "save the plan, for mc fleet open --plan")
    .addHelpText("after", PLAN_EXAMPLE)
    .action(async (options) => finish((await import("./plan.ts")).planCommand(options)));
  withRelease(fleet.command("status"))
    .description("Show how far each wave is, and what is red, declined or blocked.")
    .action(async (options) => finish((await import("./plan.ts")).statusCommand(options)));
  addOpen(fleet, finish);
  addWithdrawals(fleet, finish);
}

function addOpen(fleet: Command, finish: Finish): void {
  withRelease(fleet.command("open"))
    .description("Open the pull requests of the next wave.")
    .option("--plan <file>", "carry out this plan, or nothing where a repository has changed since")
    .requiredOption("--journal <file>", "what was begun and how it ended; the same command continues by it")
    .option(
      "--dashboard <owner/name>",
      "the repository of the dashboard issue: its ticked boxes are read, and it is updated",
      repository,
    )
    .option("--yes", "write; otherwise only show what would be done", false)
    .addHelpText("after", PLAN_EXAMPLE)
    .action(async (options) => finish((await import("./open.ts")).openCommand(options)));
}

function addWithdrawals(fleet: Command, finish: Finish): void {
  const commands = [
    ["close", "Close the campaign's open pull requests and delete their branches."],
    [
      "rollback",
      "Close what is open, and revert what was merged by pull requests, in waves; through the merge queue where there is one.",
    ],
  ] as const;
  for (const [name, description] of commands)
    withWorkflow(fleet.command(name))
      .description(description)
      .option("--yes", "write; otherwise only show what would be done", false)
      .action(async (options) =>
        finish((await import("./withdraw.ts")).withdrawCommand(options, name === "rollback")),
      );
}

function withWorkflow(command: Command): Command {
  return command
    .option("--org <login>", "the organization")
    .option(
      "--workflow <path>",
      "the reusable workflow, as owner/name/.github/workflows/file.yml",
      reusableWorkflow,
    )
    .option("--opt-outs <file>", "repositories that stay out for a time, with owner and reason (YAML)")
    .addOption(githubApiOption())
    .addOption(outputOption());
}

function withRelease(command: Command): Command {
  return withWorkflow(command)
    .option("--commit <sha>", "the commit of the reusable workflow that callers are pinned to", commit)
    .option("--release <version>", "its version, such as v1.2.3", release)
    .option("--docs <url>", "the page that pull requests link to", page)
    .option("--rollback-docs <url>", "the page about going back; default: #rollback of --docs", page)
    .option("--owners <@org/team>", "who owns workflows and policy where no line of CODEOWNERS does", owner);
}

function checked(pattern: RegExp, what: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError(`Not ${what}.`);
    return text;
  };
}

const repository = checked(/^[\w.-]{1,100}\/[\w.-]{1,100}$/, "owner/name");
const commit = checked(/^[0-9a-f]{40}$/, "a commit in full, 40 hexadecimal digits");
const release = checked(/^v\d+(?:\.\d+){0,2}(?:-[\w.]+)?$/, "a version, such as v1.2.3");
const page = checked(/^https:\/\/[^\s<>"()]+$/, "an https address");
const owner = checked(/^@[\w.-]+(?:\/[\w.-]+)?$/, "a user or team, such as @acme/security");
