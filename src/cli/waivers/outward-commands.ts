import type { Command } from "commander";

import { atOption, collect, type Finish, outputOption, pullNumber } from "../options.ts";

const REMIND_HELP = `
From the environment: GITHUB_TOKEN (issues: write), GITHUB_API_URL for your own server, and SLACK_WEBHOOK_URL for
messages. The issue of the week is found again by the label mc-gate-waivers and a comment in its text; what does not fit
into it continues in its comments, which also record the Slack messages. Only what the token's own user wrote counts. Issues
of former weeks are closed. Run it as often as you like: of two concurrent runs one notifies Slack, and the other exits 11.

Exit codes: 0 done, 11 a service did not answer, or another run is notifying Slack (retry), 12 invalid configuration or usage.`;

const VERIFY_HELP = `
A name counts as approved if a person with that login approved the newest commit and did not withdraw it. GITHUB_TOKEN
(pull requests: read) and GITHUB_API_URL are taken from the environment.

Exit codes: 0 every approval is confirmed, 10 one is not, 11 GitHub did not answer (retry), 12 invalid configuration or usage.`;

const SYNC_HELP = `
Examples:
  mc waivers sync policy/waivers.yaml | kubectl apply -f -
  kubectl -n mc-gate get configmap mc-gate-waivers -o json | mc waivers sync policy/waivers.yaml --check -

Exit codes: 0 printed, or the same; 10 the document has problems, or the cluster's differs; 12 invalid configuration or usage.`;

/** The commands that look outward: to GitHub, Slack and the cluster. */
export function addOutward(waivers: Command, finish: Finish): void {
  addRemind(waivers, finish);
  waivers
    .command("verify")
    .description("Compare approvals with the actual approvals of the pull request.")
    .argument("<file>", "the waiver document in the pull request")
    .requiredOption("--repo <owner/name>", "the repository on GitHub")
    .requiredOption("--pull <number>", "the pull request", pullNumber)
    .option("--base <file>", "the document before the change: check only the differences")
    .option(
      "--login <name=login>",
      "a person's login, if it differs from their name; repeatable",
      collect,
      [],
    )
    .addOption(outputOption())
    .addHelpText("after", VERIFY_HELP)
    .action(async (file: string, options) => {
      const { waiversVerify } = await import("./verify.ts");
      await finish(waiversVerify(file, options));
    });
  waivers
    .command("sync")
    .description("Print the ConfigMap of a waiver document, or compare it with the cluster's.")
    .argument("<file>", "the waiver document")
    .option("--namespace <name>", "the gate's namespace", "mc-gate")
    .option("--name <name>", "the ConfigMap", "mc-gate-waivers")
    .option("--key <key>", "the key in it", "waivers.yaml")
    .option("--check <file>", "the cluster's ConfigMap to compare with; - for standard input")
    .addHelpText("after", SYNC_HELP)
    .action(async (file: string, options) => {
      const { waiversSync } = await import("./sync.ts");
      await finish(waiversSync(file, options));
    });
}

function addRemind(waivers: Command, finish: Finish): void {
  waivers
    .command("remind")
    .description(
      "Maintain one issue per week, and notify Slack 48 hours before an end. A dry run by default.",
    )
    .argument("<file>", "the waiver document")
    .requiredOption("--repo <owner/name>", "the repository on GitHub whose issues are written")
    .option("--apply", "write and post", false)
    .option("--uses <file>", "uses: a replica's /metrics text, or its log; repeatable", collect, [])
    .option("--workloads <file>", "running pods: kubectl get pods -A -o json; - for standard input")
    .addOption(atOption())
    .addOption(outputOption())
    .addHelpText("after", REMIND_HELP)
    .action(async (file: string, { at = new Date(), ...options }) => {
      const { waiversRemind } = await import("./remind.ts");
      await finish(waiversRemind(file, { at, ...options }));
    });
}
