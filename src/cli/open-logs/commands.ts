import { type Command, Option } from "commander";

import { collect, type Finish, outputOption, pullNumber, seconds } from "../options.ts";

const OPEN_LOGS_HELP = `
Prints the address of the first step that failed, or of the run. Of the runs of the newest commit it shows one that failed,
else one that runs, else the newest. --image reads the run from the certificate of the newest signature by an authority of
the policy. GITHUB_TOKEN is the token, with the right to read actions.

Examples:
  mc open-logs --repo acme/app --pull 17 --browser
  mc open-logs --image ghcr.io/acme/app@sha256:… --policy policy.yaml
  mc open-logs --repo acme/app --branch main --follow

Exit codes: 0 the run succeeded; 10 it failed; 11 it has not ended, there is none, or GitHub or the registry did not answer;
12 invalid configuration or usage.`;

/** `mc open-logs`. */
export function addOpenLogs(program: Command, finish: Finish): void {
  program
    .command("open-logs")
    .description(
      "Find the workflow run of a branch, pull request, commit or image, and the first step that failed.",
    )
    .addOption(new Option("--repo <owner/name>", "the repository on GitHub").env("GITHUB_REPOSITORY"))
    .option("--branch <name>", "the newest commit of a branch")
    .option("--pull <number>", "the newest commit of a pull request", pullNumber)
    .option("--commit <sha>", "a commit, in full")
    .option("--run <url>", "a run, by its address")
    .option("--image <reference>", "the run that signed an image")
    .option("--policy <file>", "the policy document whose authorities sign, for --image")
    .option("--registries <file>", "registry settings (YAML), for --image")
    .option("--docker-config <file>", "credentials, for --image; default: ~/.docker/config.json")
    .option("--trust-root <name=file>", "your copy of a trust root, for --image; repeatable", collect, [])
    .option("--timeout <seconds>", "timeout of the registry, for --image", seconds, 60)
    .addOption(
      new Option("--server <url>", "GitHub's address").env("GITHUB_SERVER_URL").default("https://github.com"),
    )
    .option("--follow", "wait until the run has ended", false)
    .option("--interval <seconds>", "how often --follow asks", seconds, 10)
    .option("--browser", "open the address with BROWSER, or the desktop's browser", false)
    .addOption(outputOption())
    .addHelpText("after", OPEN_LOGS_HELP)
    .action(async (options) => {
      const { openLogs } = await import("./open-logs.ts");
      await finish(openLogs(options));
    });
}
