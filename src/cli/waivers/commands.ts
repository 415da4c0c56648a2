import type { Command } from "commander";

import { atOption, collect, type Finish, outputOption, seconds } from "../options.ts";
import { addEditing } from "./edit-commands.ts";
import { addOutward } from "./outward-commands.ts";

const LIST_HELP = `
Exit codes: 0 all of them count, 10 unreadable or ignored waivers, 12 invalid configuration or usage.`;

const AUDIT_HELP = `
Uses are counted since the replica began, by id for the first 200. A running workload counts as refused where its digest
and namespace are the waiver's and no other waiver goes on; whether the image would pass by now is not looked at.

Exit codes: 0 nothing to clear away, 10 expired or unreadable waivers in the file, 12 invalid configuration or usage.`;

/** `mc waivers`. */
export function addWaivers(program: Command, finish: Finish): void {
  const waivers = program.command("waivers").description("Work with waiver documents.");
  waivers
    .command("lint")
    .description("Report every problem with its line and rule.")
    .argument("<file...>", "waiver documents; - for standard input")
    .addOption(outputOption())
    .action(async (files: string[], options) => {
      const { waiversLint } = await import("./documents.ts");
      await finish(waiversLint(files, options));
    });
  addList(waivers, finish);
  addAudit(waivers, finish);
  addEditing(waivers, finish);
  addOutward(waivers, finish);
}

function addList(waivers: Command, finish: Finish): void {
  waivers
    .command("list")
    .description("List the waivers that count, soonest end first.")
    .argument("<file>", "the waiver document")
    .addOption(atOption())
    .option(
      "--policy <file>",
      "the policy document: say, too, which waivers it ignores for want of signed approvals",
    )
    .option("--revocations <file>", "the revocation document")
    .option("--timeout <seconds>", "time for verifying approvals", seconds, 60)
    .addOption(outputOption())
    .addHelpText("after", LIST_HELP)
    .action(async (file: string, { at = new Date(), policy, ...options }) => {
      const [{ waiversList }, { ignoredWaivers }] = await Promise.all([
        import("./documents.ts"),
        import("./ignored.ts"),
      ]);
      const ignored =
        policy === undefined ? new Map() : await ignoredWaivers(file, { policy, at, ...options });
      await finish(waiversList(file, { at, ignored, ...options }));
    });
}

function addAudit(waivers: Command, finish: Finish): void {
  waivers
    .command("audit")
    .description("Show what counts, ends, has ended, is unused or overlaps, and what would be refused when.")
    .argument("<file>", "the waiver document; - for standard input")
    .option("--uses <file>", "uses: a replica's /metrics text, or its log; repeatable", collect, [])
    .option("--workloads <file>", "running pods: kubectl get pods -A -o json; - for standard input")
    .addOption(atOption())
    .addOption(outputOption())
    .addHelpText("after", AUDIT_HELP)
    .action(async (file: string, { at = new Date(), ...options }) => {
      const { waiversAudit } = await import("./audit.ts");
      await finish(waiversAudit(file, { at, ...options }));
    });
}
