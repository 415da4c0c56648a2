import { type Command, Option } from "commander";

import { withLint } from "../lint-command.ts";
import { collect, EXIT_HELP, type Finish, outputOption, podSpecOption, seconds } from "../options.ts";

const ENTRY_HELP = `
Revoke exactly one of:
  --issuer ISSUER with --identity, --identity-pattern, --source-repository or --source-repository-pattern
  --key FINGERPRINT|FILE
  --digest IMAGE; an index includes all its platform images
An approval is NAME:SEAT or NAME:SEAT:REFERENCE, such as "rita:release-manager:SEC-1502".`;

const PLAN_HELP = `
Examples:
  kubectl get pods -A -o json | mc revocations plan --policy policy/policy.yaml --workloads - \\
    --issuer https://token.actions.githubusercontent.com \\
    --identity https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main --from 2026-03-19T17:00:00Z
  mc revocations plan --digest ghcr.io/acme/app@sha256:… --workloads pods.json -f environments/production

Exit codes: 0 nothing would be refused, 10 something would be, 11 something is undetermined, 12 invalid configuration or usage.`;

const ADD_HELP = `
Nothing is written if the document has problems, before or after; comments and layout stay, and the file is replaced
as a whole.

Exit codes: 0 written, 10 the document or the entry has problems, 11 undetermined, 12 invalid configuration or usage.`;

export function addRevocations(program: Command, finish: Finish): void {
  const revocations = program.command("revocations").description("Revoke signatures and images.");
  withLint(revocations, finish, {
    documents: "revocation documents",
    load: async () => (await import("./lint.ts")).revocationsLint,
  }).addHelpText("after", EXIT_HELP);
  addPlan(revocations, finish);
  addAdd(revocations, finish);
}

function addPlan(revocations: Command, finish: Finish): void {
  withEntry(revocations.command("plan").description("Show what a revocation would affect. Writes nothing."))
    .argument("[image...]", "additional images to check")
    .option("--policy <file>", "the policy document; needed for a signer and for a key")
    .option("--workloads <file>", "running pods: kubectl get pods -A -o json; - for standard input")
    .option("-f, --filename <path>", "promoted manifests: a file or folder; repeatable", collect, [])
    .addOption(podSpecOption())
    .option("--namespace <name>", "namespace of images, and of objects that do not name one", "default")
    .addOption(outputOption())
    .addHelpText("after", `${ENTRY_HELP}\n${PLAN_HELP}`)
    .action(async (images: string[], options) => {
      const { revocationsPlan } = await import("./plan.ts");
      await finish(revocationsPlan(images, options));
    });
}

function addAdd(revocations: Command, finish: Finish): void {
  withEntry(revocations.command("add").description("Write a revocation into the document."))
    .requiredOption("--id <id>", "stable name, shown in refusals")
    .requiredOption("--reason <text>", "the reason, in at least 20 characters")
    .option("--requested-by <name>", "the requester")
    .option("--approve <approval>", "an approver; repeatable", collect, [])
    .option("--dry-run", "print the resulting document, and write nothing", false)
    .addOption(outputOption())
    .addHelpText("after", `${ENTRY_HELP}\n${ADD_HELP}`)
    .action(async (options) => {
      const { revocationsAdd } = await import("./add.ts");
      await finish(revocationsAdd(options));
    });
}

/** What says which entry is meant, and where it belongs. */
function withEntry(command: Command): Command {
  return command
    .option("--issuer <issuer>", "the OIDC issuer of the identity, exactly")
    .option("--identity <text>", "the certificate's identity, exactly")
    .option("--identity-pattern <pattern>", "the certificate's identity: RE2, written with ^ and $")
    .option("--source-repository <text>", "the certificate's source repository, exactly")
    .option("--source-repository-pattern <pattern>", "the certificate's source repository: RE2 with ^ and $")
    .option("--key <key>", "a key: its fingerprint sha256:…, or a PEM file")
    .option("--digest <image>", "an image by digest, or the digest alone; repeatable", collect, [])
    .option("--from <time>", "first instant whose signatures are void; default: all are")
    .option("--until <time>", "first instant whose signatures count again")
    .addOption(
      new Option("--revocations <file>", "the revocation document").default("policy/revocations.yaml"),
    )
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--timeout <seconds>", "timeout per image", seconds, 60);
}
