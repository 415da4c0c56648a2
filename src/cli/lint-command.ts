import type { Command } from "commander";

import type { ExitCode } from "../core/index.ts";
import { type Finish, outputOption } from "./options.ts";
import type { LintOptions } from "./problems.ts";

/** What `lint` of one group of commands checks. */
export interface Lintable {
  /** In the plural, such as `policy documents`. */
  readonly documents: string;
  /** Loads the implementation, once the command is called. */
  readonly load: () => Promise<(files: readonly string[], options: LintOptions) => ExitCode>;
}

/** `lint`, for each group of commands that has documents. */
export function withLint(group: Command, finish: Finish, { documents, load }: Lintable): Command {
  return group
    .command("lint")
    .description("Report every problem with its line and rule.")
    .argument("<file...>", `${documents}; - for standard input`)
    .addOption(outputOption())
    .action(async (files: string[], options) => {
      const lint = await load();
      await finish(lint(files, options));
    });
}
