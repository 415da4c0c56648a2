import type { Command } from "commander";

import { withMigrate } from "../migrate-command.ts";
import { type Finish, outputOption } from "../options.ts";

export function addSettings(program: Command, finish: Finish): void {
  const settings = program.command("settings").description("Check and rewrite settings documents.");
  settings
    .command("lint")
    .description("Report every problem with its line and rule.")
    .argument("<file...>", "settings documents; - for standard input")
    .addOption(outputOption())
    .action(async (files: string[], options) => {
      const { settingsLint } = await import("./lint.ts");
      await finish(settingsLint(files, options));
    });
  withMigrate(settings, finish);
}
