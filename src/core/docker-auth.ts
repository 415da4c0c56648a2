import { z } from "zod";

import type { Credential } from "./credentials.ts";
import { parseImageRef } from "./image-ref.ts";
import { readJson } from "./json.ts";
import { ValueMap } from "./maps.ts";
import { compileHostGlob, type Pattern } from "./pattern.ts";

/** A credential, and which registries may see it: one, or those of a glob. */
export type DockerAuth = {
  /** Host in lower case, with port where one is written; `docker.io` for all of Docker Hub's names. The text of a glob. */
  readonly registry: string;
  /** The hosts of a glob; absent for one host. */
  readonly hosts?: Pattern;
  /** Only for repositories at or below this path; absent where it holds for the whole registry. */
  readonly pathPrefix?: string;
  /** Whether it is a workload's own, and no one else may be judged by what it was shown. */
  readonly isOfWorkload?: true;
  /** Where it comes from, for people: `Secret shop/pull`. */
  readonly from?: string;
} & (
  | { readonly kind: "password"; readonly username: string; readonly password: string }
  | { readonly kind: "identity-token"; readonly identityToken: string }
);

const MAX_TEXT = 1024 * 1024; // of a Kubernetes Secret
const MAX_ENTRIES = 256;
const SURPLUS = {
  kind: "unread",
  code: "limits/exceeded",
  message: `entries of a Docker configuration past the first ${MAX_ENTRIES} (remove some)`,
} as const satisfies Credential;

const Entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const DockerConfig = z.object({ auths: ValueMap });
const LegacyDockerConfig = ValueMap;

/**
 * The credentials in a docker `config.json`, a `.dockerconfigjson` or a legacy `.dockercfg` Secret, in their
 * order, those of a glob last, at most 256, and after them that there are more. Entries that name no host or hold no credential are
 * left out. Undefined where the text is larger than 1 MiB or not such a document.
 */
export function parseDockerConfig(text: string): Credential[] | undefined {
  if (text.length > MAX_TEXT) return undefined;
  const document = readJson(text);
  const entries = DockerConfig.safeParse(document).data?.auths ?? LegacyDockerConfig.safeParse(document).data;
  if (entries === undefined) return undefined;
  const auths: Credential[] = [];
  const listed = Object.entries(entries);
  for (const [key, value] of listed.slice(0, MAX_ENTRIES)) {
    const place = readKey(key);
    const credential = readCredential(value);
    if (place !== undefined && credential !== undefined) auths.push({ ...place, ...credential });
  }
  const sorted = auths.toSorted((a, b) => Number(isGlob(a)) - Number(isGlob(b)));
  return listed.length > MAX_ENTRIES ? [...sorted, SURPLUS] : sorted;
}

function isGlob(credential: Credential): boolean {
  return credential.kind !== "unread" && credential.hosts !== undefined;
}

/** Whether a credential is for a registry. */
export function isForRegistry({ registry, hosts }: DockerAuth, wanted: string): boolean {
  return hosts === undefined ? registry === wanted : hosts.matches(wanted);
}

type Where = Pick<DockerAuth, "registry" | "hosts" | "pathPrefix">;

/** `https://index.docker.io/v1/`, `registry.example.com:5000`, `ghcr.io/team`, `*.example.com`: the forms that clients write. */
function readKey(key: string): Where | undefined {
  const bare = key.replace(/^https?:\/\//, "");
  const slash = bare.indexOf("/");
  const host = slash < 0 ? bare : bare.slice(0, slash);
  const path = slash < 0 ? "" : bare.slice(slash + 1).replace(/\/$/, "");
  const place = readHost(host);
  const isApiVersion = path === "" || path === "v1" || path === "v2";
  return place === undefined || isApiVersion ? place : { ...place, pathPrefix: path };
}

function readHost(host: string): Where | undefined {
  const hosts = compileHostGlob(host.toLowerCase());
  if (hosts !== undefined) return { registry: hosts.source, hosts };
  const probe = parseImageRef(`${host}/probe/probe`);
  // A single word without dot or port would read as a part of a Docker Hub repository, and send its secret there.
  if (!probe.ok || probe.ref.repository !== "probe/probe") return undefined;
  return { registry: probe.ref.registry };
}

type Secret =
  | { kind: "password"; username: string; password: string }
  | { kind: "identity-token"; identityToken: string };

function readCredential(value: unknown): Secret | undefined {
  const entry = Entry.safeParse(value).data ?? {};
  if (entry.identitytoken) return { kind: "identity-token", identityToken: entry.identitytoken };
  const pair = splitPair(entry.auth);
  const { username = pair.username, password = pair.password } = entry;
  return username && password ? { kind: "password", username, password } : undefined;
}

/** base64 of `user:password`; some writers pad the password with NUL bytes. */
function splitPair(auth = ""): { username: string; password: string } {
  const pair = Buffer.from(auth, "base64").toString("utf8");
  const colon = Math.max(pair.indexOf(":"), 0);
  return { username: pair.slice(0, colon), password: pair.slice(colon + 1).replace(/\0+$/, "") };
}
