import { readFile } from "node:fs/promises";

import {
  type Credential,
  type DockerAuth,
  Fault,
  isForRegistry,
  type OwnWork,
  parseDockerConfig,
  type PullAccess,
  type UnreadCredentials,
  withDeadline,
} from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import { deadlineFault } from "../http/failures.ts";
import type { Endpoint } from "../http/hosts.ts";
import type { Exchange } from "../http/http.ts";

const MAX_CREDENTIALS = 16;
const REREAD_MILLISECONDS = 30_000;

/** Where credentials come from, in the order in which they are tried. */
export interface CredentialSources {
  /** Pull secrets of the workload and its service account. */
  readonly pullSecrets?: (registry: string, access: PullAccess) => Promise<readonly Credential[]>;
  /** The gate's own docker config file. */
  readonly own?: () => Promise<readonly Credential[]>;
  /** The cloud's workload identity. */
  readonly cloud?: (
    registry: string,
    exchange: Exchange,
    signal: AbortSignal,
  ) => Promise<readonly DockerAuth[]>;
}

/** Credentials for one repository, one at a time: a later source is not asked while an earlier one will do. */
export type Keychain = (wish: KeyWish) => AsyncIterable<DockerAuth>;

/** What credentials are wanted for. */
export interface KeyWish {
  readonly endpoint: Endpoint;
  readonly repository: string;
  readonly access: PullAccess;
  /** Asks the registry for credentials, in the requester's share. */
  readonly exchange: Exchange;
  /** Called for reading secrets of the cluster, which does not count as the registry's time. */
  readonly ownWork?: OwnWork | undefined;
  /** Called where credentials that could not be read, or are too many, would have their turn. */
  readonly onUnread: (unread: UnreadCredentials) => void;
  readonly signal: AbortSignal;
}

/**
 * A keychain over the sources. Whatever a source gives, only credentials for this registry and for this
 * repository's path are handed on, at most 16; more are unread. Throws what a source does, and Fault `deadline/exceeded` where one
 * takes longer than the signal allows.
 */
export function createKeychain({ pullSecrets, own, cloud }: CredentialSources): Keychain {
  return async function* ({ endpoint, repository, access, exchange, ownWork, onUnread, signal }) {
    const { registry, prefix } = endpoint;
    const inOwnTime = ownWork ?? ((_what, work) => work());
    const sources = [
      () => inOwnTime("pull secrets from the API server", async () => pullSecrets?.(registry, access)),
      async () => own?.(),
      async () => cloud?.(registry, exchange, signal),
    ];
    let given = 0;
    for (const source of sources) {
      const auths = (await withDeadline(signal, source(), () => deadlineFault(registry))) ?? [];
      for (const auth of auths) {
        if (auth.kind === "unread") {
          onUnread(auth);
          continue;
        }
        if (!isFor(auth, registry, `${prefix}${repository}`)) continue;
        given += 1;
        if (given > MAX_CREDENTIALS) return onUnread(surplus(auth));
        yield auth;
      }
    }
  };
}

/** An `onUnread` where a list has to be all that there is: who has other credentials may be shown more. */
export function refuseUnread({ code, message }: UnreadCredentials): never {
  throw new Fault(code, message);
}

function surplus({ isOfWorkload }: DockerAuth): UnreadCredentials {
  const message = `credentials for it past the first ${MAX_CREDENTIALS} are not tried (remove some)`;
  return { kind: "unread", code: "limits/exceeded", message, ...(isOfWorkload && { isOfWorkload }) };
}

function isFor(auth: DockerAuth, wanted: string, repository: string): boolean {
  if (!isForRegistry(auth, wanted)) return false;
  const { pathPrefix } = auth;
  return pathPrefix === undefined || `${repository}/`.startsWith(`${pathPrefix}/`);
}

/**
 * Reads a docker config file, again at most every 30 seconds. A file that is not there holds no credentials; one
 * that cannot be read rejects with Fault `registry/forbidden`.
 */
export function dockerConfigFile(path: string, now: () => Date): () => Promise<readonly Credential[]> {
  let read: { at: number; auths: Promise<readonly Credential[]> } | undefined;
  return () => {
    const at = now().getTime();
    if (read === undefined || at - read.at >= REREAD_MILLISECONDS) read = { at, auths: readAuths(path) };
    return read.auths;
  };
}

async function readAuths(path: string): Promise<readonly Credential[]> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "{}";
    const options = { cause: error, advice: ADVICE.dockerConfig };
    throw new Fault("registry/forbidden", "the gate's docker config file cannot be read", options);
  });
  const auths = parseDockerConfig(text);
  if (auths === undefined)
    throw new Fault("registry/forbidden", "the gate's docker config file is not one", {
      advice: ADVICE.dockerConfig,
    });
  return auths.map((auth) => (auth.kind === "unread" ? auth : { ...auth, from: "the docker config file" }));
}
