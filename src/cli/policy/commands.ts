import { type Command, Option } from "commander";

import { withLint } from "../lint-command.ts";
import { withMigrate } from "../migrate-command.ts";
import { collect, EXIT_HELP, type Finish, instant, outputOption, seconds, withDecision } from "../options.ts";

const IMPORT_HELP = `
Reads ClusterImagePolicy (policy.sigstore.dev/v1beta1, v1alpha1), ClusterPolicy and Policy with verifyImages
(kyverno.io), ImageValidatingPolicy (policies.kyverno.io). Whatever cannot be converted is listed on stderr with its
line and its effect on the policy: weaker, stricter, differs, none. Whatever would make it weaker refuses instead,
until --accept-loss-unsafe leaves it out.

Exit codes: 0 converted; 10 the policy is weaker, or has a rule that no image can pass; 12 invalid configuration or usage.`;

const DIFF_HELP = `
It judges as the guard of documents does: weaker and other require the right to weaken policies. Other means that one
requirement or signer is replaced by another, so that neither policy is plainly the stricter one.

Example:
  git show main:policy/policy.yaml | mc policy diff - policy/policy.yaml

Exit codes: 0 the same, or stricter; 10 weaker or other; 12 invalid configuration or usage.`;

const TEST_HELP = `
A case describes an image: who signed it, its provenance, SBOMs, scans and other attestations, and the clock. The gate itself
judges that description; nothing is fetched, and nothing is verified.

  time: "2026-12-01T09:00:00Z"
  cases:
    - name: a release that the workflow signed is allowed
      image: ghcr.io/acme/app
      namespace: shop
      facts: { signatures: [{ by: release }] }
      expect: { decision: allowed }
    - name: an unsigned image is refused
      image: ghcr.io/acme/app
      facts: {}
      expect: { decision: refused, codes: [signature/missing] }

Waivers that need signed approvals do not count: a case describes no approvals.

Exit codes: 0 every case is as expected; 10 one differs; 12 invalid configuration or usage.`;

const REPLAY_HELP = `
Reads files that the gate keeps where record.folder is set, and asks the gate's own code again, with the evidence as it was
verified then. Without --waivers and --revocations those count that were in force at each decision; switches always are.
Without --at each decision keeps its clock. Nothing is fetched, and nothing is verified again: a decision for which the
candidate asks for more than was read, or by other trust roots, is not replayable, and the answer says why.

Example:
  mc policy replay --decisions /var/lib/mc-gate/record --candidate policy/policy.yaml

Exit codes: 0 every decision comes out as it did; 10 one comes out otherwise; 11 one cannot be judged again, or the record is
not whole; 12 invalid configuration or usage.`;

export function addPolicy(program: Command, finish: Finish): void {
  const policy = program.command("policy").description("Work with policy documents.");
  withLint(policy, finish, {
    documents: "policy documents",
    load: async () => (await import("./documents.ts")).policyLint,
  });
  policy
    .command("schema")
    .description("Print the JSON Schema of the policy document.")
    .action(async () => {
      const { policySchema } = await import("./documents.ts");
      await finish(policySchema());
    });
  withMigrate(policy, finish);
  addDiff(policy, finish);
  addTest(policy, finish);
  addReplay(policy, finish);
  addExplain(policy, finish);
  addImport(policy, finish);
}

function addDiff(policy: Command, finish: Finish): void {
  policy
    .command("diff")
    .description("Say what an edit of a policy means: weaker, stricter, other signers.")
    .argument("<old>", "the policy document before; - for standard input")
    .argument("<new>", "the policy document after; - for standard input")
    .addOption(outputOption())
    .addHelpText("after", DIFF_HELP)
    .action(async (before: string, after: string, options) => {
      const { policyDiff } = await import("./diff.ts");
      await finish(policyDiff(before, after, options));
    });
}

function addTest(policy: Command, finish: Finish): void {
  policy
    .command("test")
    .description("Judge images that are described in files, and compare the verdicts with what is expected.")
    .argument("<file...>", "documents of cases (schemas/policy-cases.schema.json); - for standard input")
    .requiredOption("--policy <file>", "the policy document")
    .option("--waivers <file>", "the waiver document, for cases without waivers")
    .option("--revocations <file>", "the revocation document")
    .addOption(outputOption())
    .addHelpText("after", TEST_HELP)
    .action(async (files: string[], options) => {
      const { policyTest } = await import("./test.ts");
      await finish(policyTest(files, options));
    });
}

function addReplay(policy: Command, finish: Finish): void {
  policy
    .command("replay")
    .description(
      "Judge recorded decisions by another policy: what is newly refused, newly allowed, not replayable.",
    )
    .addOption(
      new Option("--decisions <path>", "a folder or file of the decision record; repeatable")
        .argParser((path: string, before: string[] | undefined) => collect(path, before ?? []))
        .makeOptionMandatory(),
    )
    .requiredOption("--candidate <file>", "the policy document")
    .option("--waivers <file>", "the waiver document; default: those in force at each decision")
    .option("--revocations <file>", "the revocation document; default: those in force at each decision")
    .addOption(
      new Option("--at <time>", "one clock for all decisions, as RFC 3339 with an offset").argParser(instant),
    )
    .addOption(outputOption())
    .addHelpText("after", REPLAY_HELP)
    .action(async (options) => {
      const { policyReplay } = await import("./replay.ts");
      await finish(policyReplay(options));
    });
}

function addExplain(policy: Command, finish: Finish): void {
  const command = policy
    .command("explain")
    .description("Show which rules match an image, what each gate saw, and why it decides as it does.")
    .argument("<image>", "an image reference");
  withDecision(command, "namespace that rules and waivers are applied for")
    .option("--timeout <seconds>", "timeout", seconds, 60)
    .addOption(outputOption())
    .addHelpText(
      "after",
      `\nExample:\n  mc policy explain --policy policy.yaml --namespace shop ghcr.io/acme/app@sha256:…\n${EXIT_HELP}`,
    )
    .action(async (image: string, options) => {
      const { policyExplain } = await import("./explain.ts");
      await finish(policyExplain(image, options));
    });
}

function addImport(policy: Command, finish: Finish): void {
  policy
    .command("import")
    .description("Convert a policy-controller or Kyverno policy.")
    .argument("<file>", "manifests with foreign policies; - for standard input")
    .option("--accept-loss-unsafe", "drop what cannot be converted, even if the policy gets weaker", false)
    .option(
      "--trust-root <name=file>",
      "the trusted_root.json of a TrustRoot that the policies name, or of public-good; repeatable",
      collect,
      [],
    )
    .addOption(outputOption())
    .addHelpText("after", IMPORT_HELP)
    .action(async (file: string, options) => {
      const { policyImport } = await import("./import.ts");
      await finish(policyImport(file, options));
    });
}
