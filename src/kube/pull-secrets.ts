import { z } from "zod";

import { type DockerAuth, parseDockerConfig, type PullAccess } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { KubeError } from "./client/kube-error.ts";
import { readAnswer } from "./client/read-answer.ts";
import { readObject } from "./client/read-object.ts";
import { readSecret } from "./object-texts.ts";
import { reporter } from "./reporter.ts";
import { createShortCache } from "./short-cache.ts";

const MAX_SECRETS = 16; // of each place, as core's PullAccess says
const MAX_BYTES = 256 * 1024;
const DOCKER_KEYS = [".dockerconfigjson", ".dockercfg"];

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

/** Credentials for one registry, in the order of the pod, its service account, the gate. Never rejects. */
export type PullSecrets = (registry: string, access: PullAccess) => Promise<readonly DockerAuth[]>;

interface Place {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Pull secrets, read when an image asks for them and kept for a minute. A secret is only ever looked for in the
 * namespace of the workload that names it, or by the gate's own list in its own. One that is missing, forbidden, too
 * large or unreadable gives no credential and is reported; it is looked for again after ten seconds.
 */
export function createPullSecrets(options: PullSecretsOptions): PullSecrets {
  const { client, own, workloadSecrets, onTrouble } = options;
  const now = options.now ?? (() => new Date());
  const auths = createShortCache<readonly DockerAuth[]>(now);
  const accounts = createShortCache<readonly string[]>(now);

  const reported = async <T>(place: string, reading: Promise<T>): Promise<T> => {
    try {
      return await reading;
    } catch (error) {
      reporter(`reading ${place}`, (message) => onTrouble(message, place))(error);
      throw error;
    }
  };
  const authsOf = (at: Place): Promise<readonly DockerAuth[]> => {
    const place = `${at.namespace}/${at.name}`;
    return auths.get(place, () => reported(place, readAuths(client, at))).catch(() => []);
  };
  const namesOf = (at: Place): Promise<readonly string[]> => {
    const place = `${at.namespace}/${at.name}`;
    return accounts.get(place, () => reported(place, readAccount(client, at))).catch(() => []);
  };

  return async (registry, { namespace, serviceAccount, pullSecrets = [] }) => {
    const places: (Place & { readonly isOfWorkload?: true })[] = [];
    if (workloadSecrets && namespace !== undefined) {
      const inherited = await namesOf({ namespace, name: serviceAccount ?? "default" });
      const names = [...pullSecrets.slice(0, MAX_SECRETS), ...inherited];
      places.push(...[...new Set(names)].map((name) => ({ namespace, name, isOfWorkload: true as const })));
    }
    if (own !== undefined) places.push(...own.names.map((name) => ({ namespace: own.namespace, name })));
    const found = await Promise.all(
      places.map(async ({ isOfWorkload, ...place }) => {
        const some = (await authsOf(place)).filter((auth) => auth.registry === registry);
        return isOfWorkload ? some.map((auth) => ({ ...auth, isOfWorkload })) : some;
      }),
    );
    return found.flat();
  };
}

async function readAuths(client: KubeClient, place: Place): Promise<readonly DockerAuth[]> {
  const secret = await readObject(client, { resource: "secrets", ...place });
  if (secret === undefined) throw new KubeError("there is no such secret", { status: 404 });
  const texts = readSecret(secret);
  const text = DOCKER_KEYS.map((key) => texts.get(key)).find((each) => each !== undefined);
  const auths = text === undefined || text.length > MAX_BYTES ? undefined : parseDockerConfig(text);
  if (auths === undefined) throw new KubeError("the Secret is not a Docker configuration of at most 256 KiB");
  return auths;
}

async function readAccount(client: KubeClient, place: Place): Promise<readonly string[]> {
  const account = await readObject(client, { resource: "serviceaccounts", ...place });
  if (account === undefined) throw new KubeError("there is no such service account", { status: 404 });
  const secrets = readAnswer(ServiceAccount, "service account", account).imagePullSecrets ?? [];
  return secrets.flatMap(({ name }) => (name === undefined ? [] : [name])).slice(0, MAX_SECRETS);
}
