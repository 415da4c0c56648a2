import type { Command } from "commander";

import { withLint } from "../lint-command.ts";
import { withMigrate } from "../migrate-command.ts";
import type { Finish } from "../options.ts";

export function addSettings(program: Command, finish: Finish): void {
  const settings = program.command("settings").description("Check and rewrite settings documents.");
  withLint(settings, finish, {
    documents: "settings documents",
    load: async () => (await import("./lint.ts")).settingsLint,
  });
  withMigrate(settings, finish);
}
