import { type Command, InvalidArgumentError, Option } from "commander";

import { parseDuration, parseInstant, type ExitCode } from "../core/index.ts";

/** What the help of every command that judges ends with. */
export const EXIT_HELP = `
Exit codes: 0 allowed, 10 refused, 11 cannot tell, 12 invalid configuration or usage.`;

/** Takes a command's exit code, however it comes about. */
export type Finish = (code: ExitCode | Promise<ExitCode>) => Promise<void>;

/** `-o text|json`. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "output format").choices(["text", "json"]).default("text");
}

/** `--github-api`: where GitHub is asked. */
export function githubApiOption(): Option {
  return new Option("--github-api <url>", "GitHub's API")
    .env("GITHUB_API_URL")
    .default("https://api.github.com");
}

/** `--at`: the clock of a command. */
export function atOption(): Option {
  return new Option("--at <time>", "the clock, as RFC 3339 with an offset; default: now").argParser(instant);
}

/** What decides about an image on the command line; `namespace` describes what is meant by it. */
export function withDecision<T extends Command>(command: T, namespace: string): T {
  return command
    .requiredOption("--policy <file>", "the policy document")
    .option("--waivers <file>", "the waiver document")
    .option("--revocations <file>", "the revocation document")
    .option("--namespace <name>", namespace, "default")
    .addOption(
      new Option("--mode <mode>", "the mode: enforce or advisory")
        .choices(["enforce", "advisory"])
        .default("enforce"),
    )
    .addOption(atOption())
    .option("--registries <file>", "registry settings (YAML)")
    .option("--docker-config <file>", "credentials; default: ~/.docker/config.json")
    .option(
      "--trust-root <name=file>",
      "your copy of a trust root that the policy reads from a file; repeatable",
      collect,
      [],
    );
}

/** `--gate`: where commands that ask a running gate find it. */
export function gateOption(): Option {
  return new Option("--gate <url>", "the gate's address")
    .env("MC_GATE_URL")
    .default("https://mc-gate.mc-gate.svc");
}

/** The objects of a gate in a cluster, and how the cluster is reached. */
export function withGateObjects(command: Command): Command {
  return command
    .option("--service <name>", "the gate's Service", "mc-gate")
    .option(
      "--webhook-configuration <name>",
      "the gate's ValidatingWebhookConfiguration; default: as the Service",
    )
    .option("--kubeconfig <file>", "a kubeconfig; default: the pod's own service account");
}

/** `--ca-file`: who vouches for a running gate. */
export function gateCaOption(): Option {
  return new Option("--ca-file <file>", "PEM file with the authority of the gate's certificate").env(
    "MC_GATE_CA_FILE",
  );
}

/** `--token-file`: by which a pod shows a running gate who it is. */
export function tokenOption(): Option {
  return new Option("--token-file <file>", "the pod's projected token")
    .env("MC_TOKEN_FILE")
    .default("/var/run/mc/token");
}

/** `--pod-spec`, repeatable. */
export function podSpecOption(): Option {
  return new Option(
    "--pod-spec <group/kind=path>",
    "path to the pod spec of a custom kind: example.com/Thing=spec.template.spec; repeatable",
  )
    .argParser(collect)
    .default([]);
}

/** Who signs, and by which services: the options that `openSigner` takes. */
export function withSigning<T extends Command>(command: T): T {
  return command
    .option("--key <file>", "the private key, or env://NAME")
    .option("--certificate-identity <san>", "keyless: the identity that the certificate will have")
    .option("--certificate-oidc-issuer <url>", "keyless: its issuer")
    .option("--identity-token-file <file>", "keyless: a file with the identity token")
    .option("--fulcio-url <url>", "keyless: the certificate authority; default: the public one")
    .option("--rekor-url <url>", "the transparency log; default: the public one for keyless, none for a key")
    .option("--tsa-url <url>", "a timestamp authority");
}

/** Gathers an option that may be given several times. */
export function collect(value: string, before: string[]): string[] {
  return [...before, value];
}

/** Reads an instant. Throws InvalidArgumentError. */
export function instant(text: string): Date {
  const at = parseInstant(text);
  if (at === undefined)
    throw new InvalidArgumentError("Not RFC 3339 with an offset, such as 2026-11-24T09:00:00Z.");
  return at;
}

/** Reads a duration, in ms. Throws InvalidArgumentError. */
export function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined) throw new InvalidArgumentError("Not a duration, such as 15m, 72h or 30d.");
  return ms;
}

/** Reads the path of a reusable workflow on GitHub. Throws InvalidArgumentError. */
export function reusableWorkflow(text: string): string {
  if (!/^[\w.-]{1,100}\/[\w.-]{1,100}\/\.github\/workflows\/[\w.-]+\.ya?ml$/.test(text))
    throw new InvalidArgumentError("Not owner/name/.github/workflows/file.yml.");
  return text;
}

/** Reads a number of seconds, 1 to 9999. Throws InvalidArgumentError. */
export function seconds(text: string): number {
  const value = Number(text);
  if (!/^\d{1,4}$/.test(text) || value === 0)
    throw new InvalidArgumentError("Not a number of seconds from 1 to 9999.");
  return value;
}

/** Reads the number of a pull request. Throws InvalidArgumentError. */
export function pullNumber(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError("Not the number of a pull request.");
  return Number(text);
}

/** Reads the id of a workflow run. Throws InvalidArgumentError. */
export function runNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError("Not the id of a workflow run.");
  return Number(text);
}

/** Reads a port to listen on. Throws InvalidArgumentError. */
export function port(text: string): number {
  const value = Number(text);
  if (!/^\d{1,5}$/.test(text) || value === 0 || value > 65_535)
    throw new InvalidArgumentError("Not a port from 1 to 65535.");
  return value;
}
