import { type Command, InvalidArgumentError, Option } from "commander";

import { parseDuration } from "../../core/index.ts";
import { type Finish, githubApiOption, reusableWorkflow } from "../options.ts";

const TOKEN_HELP = `
GITHUB_TOKEN is the token, with the rights actions, checks, contents and metadata (read). Nothing is written to GitHub.
What each figure means: docs/guides/kpis.md.`;

const EXPORTER_HELP = `${TOKEN_HELP}
A token that is renewed, as that of a GitHub App, is read from --token-file before each poll.

Example:
  mc exporter --org acme --workflow acme/mc/.github/workflows/_reusable-ci-security.yml --state /var/lib/mc/kpi.jsonl

Exit codes: 0 stopped by a signal; 11 the state is another exporter's at the moment; 12 invalid configuration or usage.`;

const REPORT_HELP = `${TOKEN_HELP}
With --state, answers that an exporter has read are not asked for again.

Example:
  mc kpi report --org acme --workflow acme/mc/.github/workflows/_reusable-ci-security.yml --out kpis.md

Exit codes: 0 reported; 11 GitHub did not answer, or a repository is unknown; 12 invalid configuration or usage.`;

/** `mc exporter` and `mc kpi`. */
export function addKpi(program: Command, finish: Finish): void {
  withSource(program.command("exporter"))
    .description("Count how far the rollout is, for Prometheus: adoption, failed and fixed gates, waivers.")
    .requiredOption("--state <file>", "what was counted, which a restart continues; one exporter at a time")
    .option("--listen <address:port>", "where /metrics, /livez, /readyz and /webhook are served", address, {
      host: "127.0.0.1",
      port: 9465,
    })
    .option("--poll <duration>", "time between two polls of every repository", duration, 3_600_000)
    .option("--webhook-secret-file <file>", "the secret of GitHub's webhooks; without it none is taken")
    .option("--token-file <file>", "the token, read again before each poll; default: GITHUB_TOKEN")
    .addHelpText("after", EXPORTER_HELP)
    .action(async (options) => finish((await import("./exporter.ts")).exporterCommand(options)));
  const kpi = program.command("kpi").description("Report how far the rollout is.");
  withSource(kpi.command("report"))
    .description("Report adoption, versions, failed and fixed gates, and waivers of an organization.")
    .option("--state <file>", "the state of an exporter, whose answers are used")
    .option("--out <file>", "write the report to a file; default: standard output")
    .addOption(
      new Option("-o, --output <format>", "output format")
        .choices(["markdown", "json", "html"])
        .default("markdown"),
    )
    .addHelpText("after", REPORT_HELP)
    .action(async (options) => finish((await import("./report.ts")).reportCommand(options)));
}

function withSource(command: Command): Command {
  return command
    .requiredOption("--org <login>", "the organization")
    .requiredOption(
      "--workflow <path>",
      "the reusable workflow, as owner/name/.github/workflows/file.yml",
      reusableWorkflow,
    )
    .option("--opt-outs <file>", "repositories that stay out for a time, with owner and reason (YAML)")
    .option("--waivers <path>", "the waiver document of a repository", path, "policy/waivers.yaml")
    .option(
      "--window <duration>",
      "within which a repository must have run the workflow",
      duration,
      30 * 86_400_000,
    )
    .option(
      "--active <duration>",
      "within which an active repository was pushed to",
      duration,
      90 * 86_400_000,
    )
    .addOption(githubApiOption());
}

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 60_000)
    throw new InvalidArgumentError("Not a duration of at least 1m, such as 30d.");
  return ms;
}

function address(text: string): { readonly host: string; readonly port: number } {
  const [, host, port] =
    /^(?:\[([\da-f:]+)\]|([\w.-]+)):(\d{1,5})$/i.exec(text)?.filter((each) => each !== undefined) ?? [];
  if (host === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError("Not an address and a port, such as 0.0.0.0:9465.");
  return { host, port: Number(port) };
}

function path(text: string): string {
  if (!/^[\w.-]+(?:\/[\w.-]+)*$/.test(text) || text.split("/").includes(".."))
    throw new InvalidArgumentError("Not a path inside a repository.");
  return text;
}
