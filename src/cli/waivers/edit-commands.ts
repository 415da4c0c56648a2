import { type Command, Option } from "commander";

import { MAX_LIFE } from "../../waivers/index.ts";
import { atOption, collect, type Finish, outputOption } from "../options.ts";

const EDIT_HELP = `
Nothing is written if the waiver breaks a rule; comments and layout stay, and the file is replaced atomically. An
approval is NAME:SEAT or NAME:SEAT:REFERENCE, such as "rita:release-manager:SEC-1502".

Exit codes: 0 written, 10 the waiver has problems, 12 invalid configuration or usage.`;

const SIGN_HELP = `
Sign, and add the signature to the approval:
  mc waivers payload WA-7 --by rita --seat devsecops > approval.json
  cosign sign-blob --bundle approval.bundle.json approval.json
  mc waivers approve WA-7 --by rita --seat devsecops --bundle approval.bundle.json
Any change to the waiver, except to its approvals, voids the signature.

Exit codes: 0 done, 10 the waiver has problems, 12 invalid configuration or usage.`;

/** The commands that write a waiver document. */
export function addEditing(waivers: Command, finish: Finish): void {
  withWords(withFile(waivers.command("add").description("Write a waiver into the document.")))
    .argument("<image>", "the image by digest; a digest alone covers any repository")
    .requiredOption("--id <id>", "stable name, shown in warnings")
    .addOption(
      new Option("--class <class>", "the class of findings that it sets aside")
        .choices(Object.keys(MAX_LIFE))
        .makeOptionMandatory(),
    )
    .action(async (image: string, options) => {
      const { waiversAdd } = await import("./add.ts");
      await finish(waiversAdd(image, options));
    });
  withWords(withFile(waivers.command("renew").description("Renew a waiver: write one that follows it.")))
    .argument("<id>", "the waiver to renew")
    .option("--id <id>", "the new waiver's id; default: the old one with -r1")
    .action(async (id: string, options) => {
      const { waiversRenew } = await import("./renew.ts");
      await finish(waiversRenew(id, options));
    });
  withFile(waivers.command("expire").description("End a waiver now."))
    .argument("<id>", "the waiver")
    .addHelpText("after", EDIT_HELP)
    .action(async (id: string, options) => {
      const { waiversExpire } = await import("./expire.ts");
      await finish(waiversExpire(id, options));
    });
  addApproving(waivers, finish);
}

/** The commands by which people approve. */
function addApproving(waivers: Command, finish: Finish): void {
  withConsent(
    waivers
      .command("payload")
      .description("Print the exact payload that a person signs to approve a waiver."),
  )
    .addOption(new Option("--waivers <file>", "the waiver document").default("policy/waivers.yaml"))
    .addHelpText("after", SIGN_HELP)
    .action(async (id: string, options) => {
      const { waiversPayload } = await import("./approve.ts");
      await finish(waiversPayload(id, options));
    });
  withConsent(withFile(waivers.command("approve").description("Write a person's approval, signed or not.")))
    .option("--ref <reference>", "a reference, such as the review's address")
    .option("--bundle <file>", "the Sigstore bundle over what mc waivers payload prints")
    .addHelpText("after", SIGN_HELP)
    .action(async (id: string, options) => {
      const { waiversApprove } = await import("./approve.ts");
      await finish(waiversApprove(id, options));
    });
}

function withConsent(command: Command): Command {
  return command
    .argument("<id>", "the waiver")
    .requiredOption("--by <name>", "who approves, as the policy's approvers name them")
    .requiredOption("--seat <seat>", "in which role, such as devsecops");
}

function withFile(command: Command): Command {
  return command
    .addOption(new Option("--waivers <file>", "the waiver document").default("policy/waivers.yaml"))
    .option("--dry-run", "print what would change, and write nothing", false)
    .addOption(atOption())
    .addOption(outputOption());
}

/** What a person says of a waiver. */
function withWords(command: Command): Command {
  return command
    .option("--reason <text>", "the reason, in at least 20 characters")
    .option("--finding <id>", "a vulnerability that it sets aside; repeatable", collect, [])
    .option("--namespace <name>", "a namespace that it covers; default: all; repeatable", collect, [])
    .option("--owner <name>", "an owner; repeatable", collect, [])
    .option("--requested-by <name>", "the requester")
    .option("--approve <approval>", "an approver; repeatable", collect, [])
    .option("--control <text>", "the compensating control in the meantime")
    .option("--ticket <reference>", "the ticket for the fix")
    .option("--ttl <duration>", "how long it counts, such as 7d")
    .option("--expires <time>", "first instant at which it no longer counts")
    .addHelpText("after", EDIT_HELP);
}
