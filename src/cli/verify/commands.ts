import { type Command, Option } from "commander";

import {
  collect,
  EXIT_HELP,
  type Finish,
  outputOption,
  podSpecOption,
  seconds,
  withDecision,
} from "../options.ts";

/** `mc verify`, `mc pin` and `mc verify-bundle`. */
export function addVerifyCommands(program: Command, finish: Finish): void {
  addVerify(program, finish);
  addPin(program, finish);
  addVerifyBundle(program, finish);
}

function addVerify(program: Command, finish: Finish): void {
  const command = program
    .command("verify")
    .description("Check images, or every image in manifests, as the webhook would.")
    .argument("[image...]", "image references")
    .option("-f, --filename <path>", "manifest file or folder, - for standard input; repeatable", collect, [])
    .addOption(podSpecOption());
  withDecision(command, "namespace of images, and of objects that do not name one")
    .option("--timeout <seconds>", "timeout per image", seconds, 60)
    .addOption(
      new Option("-o, --output <format>", "output format").choices(["text", "json", "sarif"]).default("text"),
    )
    .addHelpText(
      "after",
      `\nExamples:\n  mc verify --policy policy.yaml ghcr.io/acme/app@sha256:…\n  helm template . | mc verify --policy policy.yaml -f - -o sarif\n${EXIT_HELP}`,
    )
    .action(async (images: string[], options) => {
      const { verify } = await import("./verify.ts");
      await finish(verify(images, options));
    });
}

function addPin(program: Command, finish: Finish): void {
  program
    .command("pin")
    .description("Print images by digest, or add digests to the tags in manifests; comments and layout stay.")
    .argument("[image...]", "image references to print with their digests")
    .option("-f, --filename <path>", "manifest file or folder, - for standard input; repeatable", collect, [])
    .addOption(podSpecOption())
    .option("--check", "write nothing, exit 10 if something is not pinned", false)
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option("--timeout <seconds>", "timeout per image", seconds, 60)
    .addOption(outputOption())
    .addHelpText(
      "after",
      `\nA name that a kustomization replaces is not looked up: the answer says where its digest belongs.\n\nExamples:\n  mc pin ghcr.io/acme/app:1.4.2\n  mc pin --check -f deploy/\n  helm template . | mc pin --check -f -\n${EXIT_HELP}`,
    )
    .action(async (images: string[], options) => {
      const { pin } = await import("./pin.ts");
      await finish(pin(images, options));
    });
}

function addVerifyBundle(program: Command, finish: Finish): void {
  program
    .command("verify-bundle")
    .description("Verify a Sigstore bundle, as clients of the sigstore-conformance suite do.")
    .argument("<artifact>", "a file, or sha256:DIGEST")
    .requiredOption("--bundle <file>", "the bundle")
    .option("--certificate-identity <identity>", "the certificate's identity, exactly")
    .option("--certificate-oidc-issuer <issuer>", "the certificate's issuer, exactly")
    .option("--key <pem>", "a public key instead of an identity")
    .option("--trusted-root <file>", "a trusted_root.json; default: the public-good instance")
    .option("--staging", "refuse unless --trusted-root names the staging instance's root", false)
    .addOption(outputOption())
    .action(async (artifact: string, options) => {
      const { verifyBundleFile } = await import("./verify-bundle.ts");
      await finish(verifyBundleFile(artifact, options));
    });
}
