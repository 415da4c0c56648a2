import type { Command } from "commander";

import { type Finish, outputOption } from "./options.ts";

const MIGRATE_HELP = `
Keys that have been renamed get their new names; every other byte stays, comments and order with it. Each file is
replaced as a whole.

Exit codes: 0 done, 10 a document cannot be rewritten or, with --check, has old names, 12 invalid configuration or usage.`;

/** `migrate`, for each group of commands whose documents have renamed keys. */
export function withMigrate(group: Command, finish: Finish): void {
  group
    .command("migrate")
    .description("Rewrite keys that have been renamed, and show how.")
    .argument("<file...>", "documents; - for standard input, to standard output")
    .option("--check", "write nothing, exit 10 where there is something to rewrite", false)
    .addOption(outputOption())
    .addHelpText("after", MIGRATE_HELP)
    .action(async (files: string[], options) => {
      const { migrateFiles } = await import("./migrate.ts");
      await finish(migrateFiles(files, options));
    });
}
