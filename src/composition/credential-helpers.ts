import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";

import { z } from "zod";

import { type Advice, type DockerAuth, Fault, readJson } from "../core/index.ts";

const LIMIT_MS = 15_000;
const MAX_ANSWER = 64 * 1024;
/** Of a program that is found by its name alone: no path, and nothing that would be an option. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const HUB = "https://index.docker.io/v1/";
/** What a helper calls a user whose secret is an identity token. */
const TOKEN_USER = "<token>";
const NOT_FOUND = "credentials not found in native keychain";

const HELPER: Advice = {
  fix: "Install the helper or sign in with it, correct `credsStore` or `credHelpers` in Docker's config.json, or give --docker-config another file.",
  brief: "Correct Docker's helper.",
};

const Config = z.object({
  credsStore: z.string().optional().catch(undefined),
  credHelpers: z.record(z.string(), z.string()).optional().catch(undefined),
});
const Answer = z.object({ Username: z.string(), Secret: z.string().min(1) });

/** Credentials for one registry. */
export type RegistryCredentials = (registry: string) => Promise<readonly DockerAuth[]>;

/**
 * Asks the credential helpers that a docker config.json names, as docker does, once for each registry. For the command line
 * alone: the server starts no programs. Rejects with Fault `registry/forbidden` where a helper cannot be used.
 * Source: github.com/docker/docker-credential-helpers, README, "Development".
 */
export function credentialHelpers(
  configFile: string | undefined,
  limitMs: number = LIMIT_MS,
): RegistryCredentials {
  const { credsStore, credHelpers = {} } = configFile === undefined ? {} : readConfig(configFile);
  const asked = new Map<string, Promise<readonly DockerAuth[]>>();
  return (registry) => {
    const server = registry === "docker.io" ? HUB : registry;
    const helper = credHelpers[server] ?? credHelpers[registry] ?? credsStore ?? "";
    if (helper === "") return Promise.resolve([]); // an empty one has docker look into the file alone
    const answer = asked.get(registry) ?? ask({ helper, server, registry, limitMs });
    asked.set(registry, answer);
    return answer;
  };
}

/** What is wrong with the file as a whole is said where its own credentials are read. */
function readConfig(file: string): z.infer<typeof Config> {
  try {
    return Config.safeParse(readJson(readFileSync(file, "utf8"))).data ?? {};
  } catch {
    return {};
  }
}

interface HelperCall {
  readonly helper: string;
  readonly server: string;
  readonly registry: string;
  readonly limitMs: number;
}

async function ask({ helper, server, registry, limitMs }: HelperCall): Promise<readonly DockerAuth[]> {
  const refused = (why: string): Fault =>
    new Fault("registry/forbidden", `docker's credential helper ${JSON.stringify(helper)} ${why}`, {
      advice: HELPER,
    });
  if (!NAME.test(helper)) throw refused("has no name of a helper");
  const { stdout, failure } = await run(`docker-credential-${helper}`, server, limitMs);
  if (failure !== undefined && stdout.includes(NOT_FOUND)) return [];
  if (failure !== undefined) throw refused(failure);
  const { Username: username, Secret: secret } = Answer.safeParse(readJson(stdout)).data ?? {};
  if (username === undefined || secret === undefined) throw refused("answered without a credential");
  const from = `docker's credential helper "${helper}"`;
  return username === TOKEN_USER
    ? [{ kind: "identity-token", registry, identityToken: secret, from }]
    : [{ kind: "password", registry, username, password: secret, from }];
}

interface Ended {
  readonly stdout: string;
  /** One clause; without the program's words, which may quote a secret. */
  readonly failure: string | undefined;
}

function run(program: string, input: string, limitMs: number): Promise<Ended> {
  return new Promise((resolve) => {
    const options = { timeout: limitMs, maxBuffer: MAX_ANSWER, killSignal: "SIGKILL" } as const;
    const child = execFile(program, ["get"], options, (error, stdout) => {
      resolve({ stdout, failure: error === null ? undefined : failureOf(error, limitMs) });
    });
    child.stdin?.on("error", () => undefined); // it may end without reading
    child.stdin?.end(input);
  });
}

function failureOf(
  { code, killed }: { readonly code?: unknown; readonly killed?: boolean },
  ms: number,
): string {
  if (killed === true) return `did not answer within ${ms / 1000} s`;
  return typeof code === "number" ? `ended with exit code ${code}` : `cannot be used (${String(code)})`;
}
