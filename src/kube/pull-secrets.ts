import { z } from "zod";

import {
  type Credential,
  isForRegistry,
  parseDockerConfig,
  type PullAccess,
  type UnreadCredentials,
} from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { readAnswer } from "./client/read-answer.ts";
import { readObject } from "./client/read-object.ts";
import { isName } from "./client/resource-path.ts";
import { readSecret } from "./object-texts.ts";
import { reporter } from "./reporter.ts";
import { createShortCache } from "./short-cache.ts";
import {
  describePlace,
  firstNames,
  NoCredentials,
  type Place,
  unreadAt,
  UnreadableSecret,
} from "./unread-secrets.ts";

const MAX_BYTES = 256 * 1024;
const DOCKER_KEYS = [".dockerconfigjson", ".dockercfg"];

const Identity = z.object({ metadata: z.object({ namespace: z.string(), name: z.string() }) });
const ServiceAccount = z.object({
  imagePullSecrets: z.array(z.object({ name: z.string().optional() })).nullish(),
});

/** Whose secrets may be read. */
export interface PullSecretsOptions {
  readonly client: KubeClient;
  /** Secrets of the gate itself, in its own namespace: for images of every workload. */
  readonly own?: { readonly namespace: string; readonly names: readonly string[] };
  /** Whether the secrets of workloads and their service accounts are read: it requires the right to read every Secret. */
  readonly workloadSecrets: boolean;
  /** A secret that gave nothing. The place is `namespace/name`; the message holds nothing of its content. */
  readonly onTrouble: (error: KubeError, place: string) => void;
  readonly now?: () => Date;
}

/**
 * Credentials for one registry, in the order of the pod, its service account, the gate. What could not be read, and may
 * be for any registry, has its place among them. Never rejects.
 */
export type PullSecrets = (registry: string, access: PullAccess) => Promise<readonly Credential[]>;

/**
 * Pull secrets, read when an image asks for them and kept for a minute. A secret is only ever looked for in the
 * namespace of the workload that names it, or by the gate's own list in its own. A workload's that does not exist, or
 * holds no Docker configuration, gives no credential. One that is forbidden, too large or cannot be read is unread, and
 * so are all of a service account that cannot. Each of these is reported, and looked for again after ten seconds.
 */
export function createPullSecrets(options: PullSecretsOptions): PullSecrets {
  const { own = { namespace: "", names: [] }, workloadSecrets } = options;
  const { authsOf, namesOf } = createPlaces(options);
  const { authsOf: ownAuthsOf } = createPlaces(options); // apart: workloads that name many push out none of the gate's
  const ownPlaces = own.names.map((name) => secretIn(own.namespace, name, { isOwn: true }));

  async function sourcesOf(access: PullAccess): Promise<readonly (Place | UnreadCredentials)[]> {
    const { namespace, serviceAccount: name = "default", pullSecrets = [] } = access;
    if (!workloadSecrets || namespace === undefined) return ownPlaces;
    const inherited = await namesOf({ resource: "serviceaccounts", namespace, name });
    const names = new Set([...firstNames(pullSecrets, "the pod"), ...inherited]);
    const sources = [...names].map((each) => (typeof each === "string" ? secretIn(namespace, each) : each));
    return [...sources, ...ownPlaces];
  }

  return async (registry, access) => {
    const found = await Promise.all(
      (await sourcesOf(access)).map(async (source): Promise<readonly Credential[]> => {
        if ("kind" in source) return [source];
        const all = await (source.isOwn === true ? ownAuthsOf(source) : authsOf(source));
        const some = all.filter((each) => each.kind === "unread" || isForRegistry(each, registry));
        return source.isOwn === true ? some : some.map((each) => ({ ...each, isOfWorkload: true as const }));
      }),
    );
    return found.flat();
  };
}

function secretIn(namespace: string, name: string, whose: Pick<Place, "isOwn"> = {}): Place {
  return { resource: "secrets", namespace, name, ...whose };
}

/** Secrets and service accounts, each read once a minute. */
interface Places {
  readonly authsOf: (secret: Place) => Promise<readonly Credential[]>;
  readonly namesOf: (account: Place) => Promise<readonly (string | UnreadCredentials)[]>;
}

function createPlaces({ client, onTrouble, now = () => new Date() }: PullSecretsOptions): Places {
  const auths = createShortCache<readonly Credential[]>(now);
  const accounts = createShortCache<readonly string[]>(now);

  const reported = async <T>(place: string, reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      reporter(`reading ${place}`, (message) => onTrouble(message, place))(error);
      throw error;
    }
  };
  const authsOf: Places["authsOf"] = (at) => {
    const place = `${at.namespace}/${at.name}`;
    return auths
      .get(place, () => reported(place, readAuths(client, at)))
      .catch((error: unknown) => unreadAt(at, error));
  };
  const namesOf: Places["namesOf"] = (at) => {
    const place = `${at.namespace}/${at.name}`;
    return accounts
      .get(place, () => reported(place, readAccount(client, at)))
      .then((names) => firstNames(names, describePlace(at)))
      .catch((error: unknown) => unreadAt(at, error));
  };
  return { authsOf, namesOf };
}

async function readAuths(client: KubeClient, place: Place): Promise<readonly Credential[]> {
  const texts = readSecret(await readAt(client, place));
  const configs = DOCKER_KEYS.flatMap((key) => texts.get(key) || []);
  if (configs.length === 0) throw new NoCredentials("the Secret holds no Docker configuration");
  return configs.flatMap((text) => readConfig(text, place));
}

/** The kubelet may read one that the gate cannot: its rules are others. */
function readConfig(text: string, place: Place): readonly Credential[] {
  if (text.length > MAX_BYTES)
    throw new UnreadableSecret(
      "limits/exceeded",
      "holds a Docker configuration of more than 256 KiB (split it)",
    );
  const auths = parseDockerConfig(text);
  if (auths === undefined)
    throw new UnreadableSecret("registry/forbidden", "holds an unreadable Docker configuration (replace it)");
  return auths.map((each) =>
    each.kind === "unread"
      ? { ...each, message: `${describePlace(place)} has ${each.message}` }
      : { ...each, from: describePlace(place) },
  );
}

async function readAccount(client: KubeClient, place: Place): Promise<readonly string[]> {
  const account = readAnswer(ServiceAccount, "service account", await readAt(client, place));
  return (account.imagePullSecrets ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
}

/** The object, whatever it holds. No object can have a name that Kubernetes does not allow. */
async function readAt(client: KubeClient, { resource, namespace, name }: Place): Promise<unknown> {
  if (!isName(namespace) || !isName(name))
    throw new NoCredentials("a name is not one that Kubernetes allows");
  const object = await readObject(client, { resource, namespace, name });
  if (object === undefined)
    throw new NoCredentials(`there is no such object among the ${resource}`, { status: 404 });
  const { metadata } = readAnswer(Identity, "object", object);
  if (metadata.namespace === namespace && metadata.name === name) return object;
  throw new KubeError("the API server's answer is about another object");
}
