import { type Command, Option } from "commander";

import { collect, EXIT_HELP, type Finish, instant, outputOption, withSigning } from "../options.ts";

const EXPORT_HELP = `
Examples:
  mc evidence export --since 2026-11-01T00:00:00Z --until 2026-12-01T00:00:00Z \\
    --record /var/lib/mc-gate/record --git deploy/policy --key cosign.key
  mc evidence export --since 2026-11-24T09:00:00Z --until 2026-11-24T12:00:00Z --record record --namespace shop \\
    --certificate-identity auditor@acme.example --certificate-oidc-issuer https://accounts.acme.example

The same record, options and versions give the same bytes, but for manifest.json.sigstore.json. What the record does not
say is listed in unknown.json. The folder must not be there already.

Exit codes: 0 exported, 11 exported, but the record is not whole or nothing was signed, 12 invalid usage.`;

const VERIFY_HELP = `
Examples:
  mc evidence verify docs/mc/evidence/2026-11-30 --key cosign.pub
  mc evidence verify packet.html --hashes-only

Needs no network. Names the first difference. A page that was sent alone is checked like its folder, as far as it holds the
files; its signature is looked for next to it.
${EXIT_HELP}`;

/** `mc evidence`. */
export function addEvidence(program: Command, finish: Finish): void {
  const evidence = program
    .command("evidence")
    .description("Evidence packets: what was decided in a time, by whom, on what grounds.");
  addExport(evidence, finish);
  addVerify(evidence, finish);
}

function addExport(evidence: Command, finish: Finish): void {
  const command = evidence
    .command("export")
    .description("Write a packet from the decision record: files, a page, a signature.")
    .requiredOption("--since <time>", "the first instant, as RFC 3339 with an offset", instant)
    .requiredOption(
      "--until <time>",
      "the first instant that is not in it, as RFC 3339 with an offset",
      instant,
    )
    .requiredOption("--record <path>", "a folder or a file of the decision record; repeatable", collect, [])
    .option("--namespace <name>", "decisions of one namespace; those of others are counted")
    .option("--git <folder>", "the folder in git that documents are kept in: who changed them")
    .option(
      "--attach <file>",
      "a file to add: outputs of tests, key figures, pictures; repeatable",
      collect,
      [],
    )
    .option("--out <folder>", "where the packet is written; default: docs/mc/evidence/ and the last day")
    .option("--with-user-names", "keep the names of the users who asked", false);
  withSigning(command)
    .addOption(
      new Option("--unsigned", "do not sign").default(false).conflicts(["key", "certificateIdentity"]),
    )
    .addOption(outputOption())
    .addHelpText("after", EXPORT_HELP)
    .action(async (options) => {
      const { exportEvidence } = await import("./export.ts");
      await finish(exportEvidence(options));
    });
}

function addVerify(evidence: Command, finish: Finish): void {
  evidence
    .command("verify")
    .argument("<path>", "a packet's folder, or its packet.html")
    .description("Check a packet: every file's hash, the record's chains, the signature.")
    .option("--key <file>", "the public key that must have signed it")
    .option("--certificate-identity <san>", "keyless: the identity that must have signed it")
    .option("--certificate-oidc-issuer <url>", "keyless: its issuer")
    .option("--trusted-root <file>", "keyless: another trust root than the public one")
    .option(
      "--bundle <file>",
      "the signature; default: manifest.json.sigstore.json next to the packet's files",
    )
    .addOption(
      new Option("--hashes-only", "do not check who signed it")
        .default(false)
        .conflicts(["key", "certificateIdentity"]),
    )
    .addOption(outputOption())
    .addHelpText("after", VERIFY_HELP)
    .action(async (path: string, options) => {
      const { verifyEvidence } = await import("./verify.ts");
      await finish(verifyEvidence(path, options));
    });
}
