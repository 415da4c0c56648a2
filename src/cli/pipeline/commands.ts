import { type Command, Option } from "commander";

import { atOption, collect, type Finish } from "../options.ts";

const PLAN_HELP = `
Without files: orchestrations/mc/*.yaml and .github/workflows/*.yml of this folder. Nothing is fetched: give --checkout for
workflows of other repositories. Durations are {"build": 90}, or what GitHub says of a run:
  gh api repos/acme/app/actions/runs/123/jobs > jobs.json

Example:
  mc plan --policy policy.yaml --waivers waivers.yaml --repository acme/app --ref refs/heads/main

Exit codes: 0 nothing is wrong; 10 something is wrong, or would be refused; 11 something could not be read, so the plan is
incomplete; 12 invalid usage.`;

/** `mc plan`. */
export function addPipeline(program: Command, finish: Finish): void {
  program
    .command("plan")
    .description(
      "Show a pipeline as it would run: stages, checks, signers, and which release waits for which check.",
    )
    .argument("[file...]", "pipelines (orchestrations/mc) and GitHub workflows")
    .option("--policy <file>", "the policy document: whether it trusts who would sign")
    .option("--waivers <file>", "the waiver document: what is waived, and until when")
    .option("--durations <file>", "past durations of stages, for the critical path")
    .addOption(
      new Option("--repository <owner/name>", "the repository that is built").env("GITHUB_REPOSITORY"),
    )
    .addOption(new Option("--ref <ref>", "the ref that is built, such as refs/heads/main").env("GITHUB_REF"))
    .addOption(
      new Option("--server <url>", "GitHub's address").env("GITHUB_SERVER_URL").default("https://github.com"),
    )
    .option(
      "--checkout <owner/name=dir>",
      "a checkout of a repository whose workflows are called; repeatable",
      collect,
      [],
    )
    .addOption(atOption())
    .addOption(
      new Option("-o, --output <format>", "output format")
        .choices(["tree", "mermaid", "dot", "json"])
        .default("tree"),
    )
    .option("--out <file>", "also write the plan as JSON")
    .addHelpText("after", PLAN_HELP)
    .action(async (files: string[], options) => {
      const { plan } = await import("./plan.ts");
      await finish(plan(files, options));
    });
}
