import { type Command, Option } from "commander";

import { MAX_LIFE } from "../../waivers/index.ts";
import { atOption, collect, type Finish, outputOption } from "../options.ts";

const EDIT_HELP = `
Nothing is written where the waiver breaks a rule; comments and layout stay, and the file is replaced as a whole. An
approval is NAME:SEAT or NAME:SEAT:REFERENCE, such as "rita:release-manager:SEC-1502".

Exit codes: 0 written, 10 the waiver has problems, 12 invalid configuration or usage.`;

const SIGN_HELP = `
Sign, and put the signature beside the approval:
  mc waivers payload WA-7 --by rita --seat devsecops > approval.json
  cosign sign-blob --bundle approval.bundle.json approval.json
  mc waivers approve WA-7 --by rita --seat devsecops --bundle approval.bundle.json
Any change of the waiver but its approvals makes the signature void.

Exit codes: 0 done, 10 the waiver has problems, 12 invalid configuration or usage.`;

/** The commands that write a waiver document. */
export function addEditing(waivers: Command, finish: Finish): void {
  withWords(withFile(waivers.command("add").description("Write a waiver into the document.")))
    .argument("<image>", "the image by digest; a digest alone holds for any repository")
    .requiredOption("--id <id>", "stable name, shown in warnings")
    .addOption(
      new Option("--class <class>", "the gate whose findings it sets aside")
        .choices(Object.keys(MAX_LIFE))
        .makeOptionMandatory(),
    )
    .action(async (image: string, options) => {
      const { waiversAdd } = await import("./add.ts");
      await finish(waiversAdd(image, options));
    });
  withWords(withFile(waivers.command("renew").description("Write a waiver that follows another one.")))
    .argument("<id>", "the waiver that it follows")
    .option("--id <id>", "the new waiver's name; the old one with -r1 where absent")
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
    waivers.command("payload").description("Print exactly what a person signs to approve a waiver."),
  )
    .addOption(new Option("--waivers <file>", "the waiver document").default("policy/waivers.yaml"))
    .addHelpText("after", SIGN_HELP)
    .action(async (id: string, options) => {
      const { waiversPayload } = await import("./approve.ts");
      await finish(waiversPayload(id, options));
    });
  withConsent(withFile(waivers.command("approve").description("Write a person's approval, signed or not.")))
    .option("--ref <reference>", "where it can be seen, such as the review's address")
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
    .option("--reason <text>", "why, in at least 20 characters")
    .option("--finding <id>", "a vulnerability that it sets aside; repeatable", collect, [])
    .option(
      "--namespace <name>",
      "a namespace that it holds in; everywhere where absent; repeatable",
      collect,
      [],
    )
    .option("--owner <name>", "who answers for it; repeatable", collect, [])
    .option("--requested-by <name>", "who asks for it")
    .option("--approve <approval>", "who approved; repeatable", collect, [])
    .option("--control <text>", "what protects in the meantime")
    .option("--ticket <reference>", "where the repair is tracked")
    .option("--ttl <duration>", "how long it counts, such as 7d")
    .option("--expires <time>", "first instant at which it no longer counts")
    .addHelpText("after", EDIT_HELP);
}
