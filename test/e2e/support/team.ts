import { chmodSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { type McFolder, mcFolder } from "../../support/run-mc.ts";
import { type WorkflowIdentity, workflowToken } from "./identities.ts";
import { type Outcome, run } from "./process.ts";
import { program, PROJECT } from "./programs.ts";
import type { SigstoreServer } from "./sigstore.ts";

/** Where the texts are that a team follows. */
const GUIDES = join(PROJECT, "docs/guides");
const REGISTRIES = ["--registries", "registries.yaml"];

/** A command of a guide: its page, the heading that it stands below, and a part of it by which it is found. */
export interface GuideCommand {
  readonly page: "application-team" | "promotion" | "refusals" | "security-team";
  readonly heading: string;
  readonly part: string;
}

/** How a command differs from what stands in the guide: other texts, and other variables of the environment. */
export interface Differing {
  readonly replace?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** An application team's machine: a folder with the guides' files, and `mc` and cosign in the PATH. */
export interface Team {
  readonly folder: McFolder;
  /** Runs a command of a guide on an image by digest; throws where the guide has no such command, or it fails. */
  readonly follow: (command: GuideCommand, image: string, differing?: Differing) => Promise<Outcome>;
  /** Runs a line of a shell. */
  readonly shell: (line: string, env?: Readonly<Record<string, string>>) => Promise<Outcome>;
  /** What `mc verify` says of an image, or of a manifest. */
  readonly verify: (what: string | { readonly manifest: string }, ...flags: string[]) => Promise<Outcome>;
}

/** The commands of a guide below a heading, each on one line. */
function commandsOf({ page, heading }: GuideCommand): string[] {
  const text = readFileSync(join(GUIDES, `${page}.md`), "utf8");
  const section = text.split(/^#{2,4} /m).find((each) => each.startsWith(`${heading}\n`));
  if (section === undefined) throw new Error(`${page}.md has no heading "${heading}"`);
  const blocks = [...section.matchAll(/^```(?:sh|yaml)\n([\s\S]*?)^```$/gm)].map(([, block = ""]) => block);
  return blocks.flatMap((block) => block.replaceAll(/ *\\\n */g, " ").split("\n"));
}

function commandOf(command: GuideCommand): string {
  const found = commandsOf(command).find((line) => line.includes(command.part));
  if (found === undefined)
    throw new Error(`"${command.heading}" of ${command.page}.md has no "${command.part}"`);
  return found.replace(/^ *- (?:run: )?/, "");
}

/** `replaceAll` of each text; one that is not there means that the guide has changed. */
function replaced(line: string, texts: Readonly<Record<string, string>>): string {
  return Object.entries(texts).reduce((text, [from, to]) => {
    if (!text.includes(from)) throw new Error(`the guide's command has no "${from}": ${text}`);
    return text.replaceAll(from, to);
  }, line);
}

/** Puts `mc`, the real cosign and the company's files on the machine, and gives its environment. */
function equip(
  folder: McFolder,
  sigstore: SigstoreServer,
  identity: WorkflowIdentity,
): Record<string, string> {
  const at = (name: string): string => join(folder.path, name);
  for (const name of ["bin", "docker", "deploy", "policy"]) mkdirSync(at(name));
  folder.write(
    "bin/mc",
    `#!/bin/sh\nexec "${process.execPath}" "${join(PROJECT, "src/cli/main.ts")}" "$@"\n`,
  );
  chmodSync(at("bin/mc"), 0o755);
  folder.write("docker/config.json", "{}");
  for (const name of ["cosign", "helm"]) symlinkSync(program(name), at(`bin/${name}`));
  symlinkSync(sigstore.signingConfig, at("company-signing.json"));
  symlinkSync(sigstore.trustedRoot, at("company-root.json"));
  return {
    PATH: `${at("bin")}:${process.env["PATH"]}`,
    HOME: folder.path,
    DOCKER_CONFIG: at("docker"),
    COSIGN_PASSWORD: "",
    SIGSTORE_ID_TOKEN: workflowToken(identity),
  };
}

/** A team that signs by the company's Sigstore, as this workflow, and pushes to these registries. */
export function startTeam(
  sigstore: SigstoreServer,
  identity: WorkflowIdentity,
  hosts: readonly string[],
): Team {
  const folder = mcFolder(...hosts.map((host) => ({ host })));
  const own = equip(folder, sigstore, identity);
  const shell: Team["shell"] = (line, env = {}) =>
    run("bash", ["-euo", "pipefail", "-c", line], { cwd: folder.path, env: { ...own, ...env } });
  return {
    folder,
    shell,
    follow: async (command, image, { replace = {}, env = {} } = {}) => {
      const [, host = "", digest = ""] = /^([^/]+)\/.*@(.+)$/.exec(image) ?? [];
      const line = replaced(commandOf(command), replace).replaceAll("ghcr.io/", `${host}/`);
      const outcome = await shell(line, { DIGEST: digest, ...env });
      if (outcome.code !== 0) throw new Error(`${line} ended with ${outcome.code}: ${outcome.stderr}`);
      return outcome;
    },
    verify: (what, ...flags) => {
      const args = ["verify", "--policy", "policy.yaml", "--namespace", "shop", ...REGISTRIES, ...flags];
      const config = ["--docker-config", join(folder.path, "docker/config.json")];
      if (typeof what === "string") return folder.mc([...args, ...config, what]);
      folder.write("manifest.yaml", what.manifest);
      return folder.mc([...args, "-f", "manifest.yaml"]);
    },
  };
}
