import { type Command, Option } from "commander";

import { collect, type Finish, githubApiOption, outputOption } from "../options.ts";

const IMPORT_HELP = `
An issue is found again by a hidden marker with the ticket's id. Labels and milestones are created where they are missing, and points become
a label. What people added to an issue stays. What an issue has no place for, such as columns, is named and not carried.
GITHUB_TOKEN is the token, with the right to write issues.

Example:
  mc tickets import .project/tickets/mc-sprint-2025-10-13.yaml --repo acme/platform --assignee owner-platform=ana --yes

Exit codes: 0 every issue is as the file says; 10 something would be written, or an assignee is unknown; 11 GitHub did not
answer; 12 invalid file or usage.`;

/** `mc tickets`. */
export function addTickets(program: Command, finish: Finish): void {
  const tickets = program.command("tickets").description("Bring a sprint's tickets into GitHub issues.");
  tickets
    .command("import")
    .description("Create or update an issue for each ticket of a file.")
    .argument("<file>", "the tickets (YAML)")
    .addOption(
      new Option("--repo <owner/name>", "the repository on GitHub")
        .env("GITHUB_REPOSITORY")
        .makeOptionMandatory(),
    )
    .option("--assignee <name=login>", "whom an assignee of the file is on GitHub; repeatable", collect, [])
    .addOption(githubApiOption())
    .option("--yes", "write; otherwise only show what would be done", false)
    .addOption(outputOption())
    .addHelpText("after", IMPORT_HELP)
    .action(async (file: string, options) =>
      finish((await import("./import.ts")).importCommand(file, options)),
    );
}
