import type { Logger } from "pino";

import type { KubeClient } from "../../kube/index.ts";
import type { SecretKey } from "../../policy/index.ts";
import type { ComposedGate } from "../compose.ts";
import { DOCUMENT_NAMES, type DocumentName } from "../document-table.ts";
import { followFile } from "./file-document.ts";
import type { Settings } from "./settings.ts";

type ClusterSettings = NonNullable<Settings["cluster"]>;

/** What following documents takes. */
export interface FollowOptions {
  readonly composed: ComposedGate;
  readonly log: Logger;
  /** Called with one sentence where a new text was refused. */
  readonly tell: (document: DocumentName, sentence: string) => void;
}

/** Documents that are followed. */
export interface FollowedDocuments {
  /** Names of what was not read yet. */
  readonly missing: () => string[];
  readonly stop: () => void;
}

/** Follows the documents in files; without a file of revocations or waivers there are none. */
export function followFiles(
  files: NonNullable<Settings["files"]>,
  options: FollowOptions,
): FollowedDocuments {
  const { composed, log } = options;
  if (files.revocations === undefined) composed.revocations.offer("revocations: []");
  const stops = DOCUMENT_NAMES.flatMap((name) => {
    const path = files[name];
    if (path === undefined) return [];
    const onProblem = (message: string): void =>
      log.error({ document: name, message }, "document cannot be read");
    return [followFile({ path, onText: (text) => offer(name, text, options), onProblem })];
  });
  return { missing: () => [], stop: () => stops.forEach((stop) => stop()) };
}

/** Follows the documents in ConfigMaps, and the keys that the policy names in Secrets. */
export async function followCluster(
  client: KubeClient,
  settings: ClusterSettings,
  options: FollowOptions,
): Promise<FollowedDocuments> {
  const { watchDocuments } = await import("../../kube/index.ts");
  const { composed, log } = options;
  const { namespace } = settings;
  const names = new Map(DOCUMENT_NAMES.map((name) => [settings[name], name] as const));
  const keys = await followKeys(client, namespace, options);
  const watched = watchDocuments({
    client,
    namespace,
    documents: [...names.keys()],
    onText: (source, text) => {
      const name = names.get(source)!;
      if (text === undefined) {
        log.warn(
          { document: name, configMap: source.configMap },
          "document is absent; the last good one stays in force",
        );
        return;
      }
      offer(name, text, options);
      if (name === "policy") keys.follow(composed.policy.current()?.secretKeys ?? []);
    },
    onTrouble: (error, { configMap }) =>
      log.warn({ configMap, message: error.message }, "watching a document failed; retrying"),
  });
  return {
    missing: () => (watched.synced() ? [] : ["documents"]),
    stop: () => {
      watched.stop();
      keys.stop();
    },
  };
}

function offer(name: DocumentName, text: string, { composed, log, tell }: FollowOptions): void {
  const problems = composed[name].offer(text);
  if (problems.length === 0) {
    log.info({ document: name }, "document in force");
    return;
  }
  const [first] = problems;
  log.error(
    { document: name, problems: problems.length, first },
    "document refused; the last good one stays in force",
  );
  tell(name, `line ${first!.line}: ${first!.message} The last good ${name} stays in force.`);
}

interface FollowedKeys {
  readonly follow: (keys: readonly SecretKey[]) => void;
  readonly stop: () => void;
}

/** Watches exactly the Secrets that the newest policy names. */
async function followKeys(
  client: KubeClient,
  namespace: string,
  { composed, log }: FollowOptions,
): Promise<FollowedKeys> {
  const { watchSecretKey } = await import("../../kube/index.ts");
  const watched = new Map<string, { readonly stop: () => void }>();
  const drop = (id: string): void => {
    watched.get(id)?.stop();
    watched.delete(id);
  };
  return {
    follow: (keys) => {
      for (const id of watched.keys()) if (!keys.some((key) => key.id === id)) drop(id);
      for (const key of keys) {
        if (watched.has(key.id)) continue;
        const handlers = {
          onText: (pem: string | undefined) => composed.offerKey(key, pem),
          onTrouble: ({ message }: Error) =>
            log.warn({ key: key.id, message }, "watching a key failed; retrying"),
        };
        watched.set(key.id, watchSecretKey(client, { namespace, name: key.name, key: key.key }, handlers));
      }
    },
    stop: () => {
      for (const id of watched.keys()) drop(id);
    },
  };
}
