import type { Command } from "commander";

import { withLint } from "../lint-command.ts";
import { atOption, collect, type Finish, outputOption, seconds } from "../options.ts";
import { addEditing } from "./edit-commands.ts";
import { addOutward } from "./outward-commands.ts";

const LIST_HELP = `
Exit codes: 0 all waivers count, 10 unreadable or ignored waivers, 12 invalid configuration or usage.`;

const AUDIT_HELP = `
Uses are counted since the replica started, by id for the first 200. A running workload counts as refused if its digest
and namespace are the waiver's and no other waiver continues; whether the image would pass by now is not checked.

Exit codes: 0 nothing to clean up, 10 expired or unreadable waivers in the file, 12 invalid configuration or usage.`;

export function addWaivers(program: Command, finish: Finish): void {
  const waivers = program.command("waivers").description("Work with waiver documents.");
  withLint(waivers, finish, {
    documents: "waiver documents",
    load: async () => (await import("./documents.ts")).waiversLint,
  })
    .option("--strict", "an expired waiver is a problem, too", false)
    .addOption(atOption());
  addList(waivers, finish);
  addAudit(waivers, finish);
  addEditing(waivers, finish);
  addOutward(waivers, finish);
}

function addList(waivers: Command, finish: Finish): void {
  waivers
    .command("list")
    .description("List all waivers with their state, soonest end first.")
    .argument("<file>", "the waiver document")
    .addOption(atOption())
    .option(
      "--policy <file>",
      "the policy document: also report waivers that it ignores because their approvals are not signed",
    )
    .option("--revocations <file>", "the revocation document")
    .option("--timeout <seconds>", "timeout for verifying approvals", seconds, 60)
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
    .description(
      "Report active, expiring, expired, unused and overlapping waivers, and what each expiry would block.",
    )
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
