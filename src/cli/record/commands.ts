import type { Command } from "commander";

import { EXIT_HELP, type Finish, outputOption } from "../options.ts";

const HELP = `
Reads the files of folders (mc-gate-record.*.jsonl), or files that are named, such as a log of the gate; lines that are not
of a record are passed over. Missing, changed and repeated lines are named. The last line of a chain is vouched for by
nothing after it: compare the hash that is printed with that of a copy elsewhere.
${EXIT_HELP}`;

/** `mc record`. */
export function addRecord(program: Command, finish: Finish): void {
  const record = program.command("record").description("Read the decision record.");
  record
    .command("verify")
    .argument("<path...>", "folders or files of the record")
    .description("Check that a decision record is whole: numbers, hashes, facts.")
    .addOption(outputOption())
    .addHelpText("after", HELP)
    .action(async (paths: string[], options) => {
      const { verifyRecord } = await import("./verify.ts");
      await finish(verifyRecord(paths, options));
    });
}
