import type { Command } from "commander";

import type { Finish } from "../options.ts";

export function addServe(program: Command, finish: Finish): void {
  program
    .command("serve")
    .description("Run the admission webhook.")
    .requiredOption("--settings <file>", "the settings document (YAML)")
    .action(async ({ settings }: { settings: string }) => {
      const { readSettings } = await import("./read-settings.ts");
      const { serve } = await import("../../serve/index.ts");
      await finish(serve(readSettings(settings)));
    });
}
