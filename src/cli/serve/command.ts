import type { Command } from "commander";

import type { Finish } from "../options.ts";

/** `mc serve`. */
export function addServe(program: Command, finish: Finish): void {
  program
    .command("serve")
    .description("Run the admission webhook.")
    .requiredOption("--settings <file>", "the settings document (YAML)")
    .action(async ({ settings }: { settings: string }) => {
      const { serve } = await import("./serve.ts");
      await finish(serve(settings));
    });
}
