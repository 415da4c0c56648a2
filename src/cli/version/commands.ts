import type { Command } from "commander";

import { type Finish, outputOption } from "../options.ts";

/** `mc version`. */
export function addVersion(program: Command, finish: Finish): void {
  program
    .command("version")
    .description("Print the version, the commit it was built from, Node.js, and the formats it reads.")
    .addOption(outputOption())
    .action(async (options) => {
      const { version } = await import("./version.ts");
      await finish(version(options));
    });
}
