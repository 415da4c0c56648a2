import { accessSync, constants } from "node:fs";

import type { Logger } from "pino";

import {
  type ComposedGate,
  DOCUMENT_NAMES,
  DOCUMENTS,
  type DocumentKind,
  type DocumentName,
} from "../../composition/index.ts";
import type { Problem } from "../../core/index.ts";
import type { KubeClient } from "../../kube/index.ts";
import type { SecretKey } from "../../policy/index.ts";
import { withSetting } from "../settings/setting-error.ts";
import type { Settings } from "../settings/settings.ts";
import { createDocumentFeed, type DocumentFeed } from "./document-feed.ts";
import { followFile } from "./file-document.ts";
import { type LargeDocuments, SMALL_DOCUMENT } from "./large-documents.ts";

type ClusterSettings = NonNullable<Settings["cluster"]>;

export interface FollowOptions {
  readonly composed: ComposedGate;
  readonly log: Logger;
  /** Called with one sentence where a new text was refused. */
  readonly tell: (document: DocumentName, sentence: string) => void;
  /** Reads long texts in another thread. */
  readonly large: LargeDocuments;
}

/** Documents that are followed. */
export interface FollowedDocuments {
  /** Names of what was not read yet. */
  readonly missing: () => string[];
  readonly stop: () => void;
}

/**
 * Follows the documents in files; without a file of revocations or waivers there are none. Throws UsageError where a file
 * cannot be read now.
 */
export function followFiles(
  files: NonNullable<Settings["files"]>,
  options: FollowOptions,
): FollowedDocuments {
  const { composed, log } = options;
  if (files.revocations === undefined) composed.revocations.offer("revocations: []");
  const stops = DOCUMENT_NAMES.flatMap((name) => {
    const path = files[name];
    if (path === undefined) return [];
    withSetting(`files.${name}`, () => accessSync(path, constants.R_OK));
    const onProblem = (message: string): void =>
      log.error({ document: name, message }, "document cannot be read");
    return [followFile({ path, onText: feedOf(name, options), onProblem })];
  });
  return { missing: () => unreadYet(options), stop: () => stops.forEach((stop) => stop()) };
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
  const feeds = feedsOf(options, () => keys.follow(composed.policy.current()?.secretKeys ?? []));
  const watched = watchDocuments({
    client,
    namespace,
    documents: [...names.keys()],
    onText: (source, text) => {
      const name = names.get(source)!;
      if (text === undefined) {
        const { absent }: DocumentKind = DOCUMENTS[name];
        if (name === "enforcement" && composed.enforcement.text() === undefined) return; // never switched off
        log.warn(
          { document: name, configMap: source.configMap },
          "document is absent; the last good one stays in force",
        );
        if (absent === undefined || composed[name].text() !== undefined) composed[name].gone();
        return;
      }
      feeds[name](text);
    },
    onTrouble: (error, { configMap }) =>
      log.warn({ configMap, message: error.message }, "watching a document failed; retrying"),
  });
  return {
    missing: () => (watched.synced() ? unreadYet(options) : ["documents"]),
    stop: () => {
      watched.stop();
      keys.stop();
    },
  };
}

function feedsOf(options: FollowOptions, onPolicy: () => void): Readonly<Record<DocumentName, DocumentFeed>> {
  return {
    policy: feedOf("policy", options, onPolicy),
    waivers: feedOf("waivers", options),
    revocations: feedOf("revocations", options),
    enforcement: feedOf("enforcement", options),
  };
}

/**
 * Puts texts of a document in force as they come, each read where it keeps no one waiting; `done` is called after each.
 */
function feedOf(
  name: DocumentName,
  options: FollowOptions,
  done: () => void = () => undefined,
): DocumentFeed {
  const inForce = options.composed[name];
  const settle = (problems: readonly Problem[]): void => {
    say(name, problems, options);
    done();
  };
  return createDocumentFeed({
    small: SMALL_DOCUMENT,
    readSmall: (text) => settle(inForce.offer(text)),
    readLarge: async (text) => settle(await readLarge(name, text, options)),
  });
}

/** Documents whose first text is still being read: without their waivers, replicas would refuse what they should not. */
function unreadYet({ composed, large }: FollowOptions): DocumentName[] {
  return large.beingRead().filter((name) => composed[name].text() === undefined);
}

/** What is wrong with a long text, which is in force where nothing is. Never rejects. */
async function readLarge(
  name: DocumentName,
  text: string,
  { composed, large }: FollowOptions,
): Promise<readonly Problem[]> {
  switch (name) {
    case "policy":
      return composed.policy.accept(text, await large.policy(text));
    case "waivers":
      return composed.waivers.accept(text, await large.waivers(text));
    case "revocations":
      return composed.revocations.accept(text, await large.revocations(text));
    case "enforcement":
      return composed.enforcement.accept(text, await large.enforcement(text));
  }
}

function say(name: DocumentName, problems: readonly Problem[], { composed, log, tell }: FollowOptions): void {
  const [first] = problems;
  if (first === undefined) {
    log.info({ document: name }, "document in force");
    return;
  }
  const isInForce = composed[name].text() !== undefined;
  log.error(
    { document: name, problems: problems.length, first },
    isInForce
      ? "document refused; the last good one stays in force"
      : "document refused; there is none in force",
  );
  tell(name, refusalNote(name, problems, isInForce));
}

const WITHOUT: Readonly<Record<DocumentName, string>> = {
  policy: "this replica admits nothing",
  waivers: "nothing is waived",
  revocations: "this replica admits nothing",
  enforcement: "nothing is switched off",
};

/** What a document is refused for, and what that comes to. Waivers that are not there set nothing aside. */
export function refusalNote(name: DocumentName, problems: readonly Problem[], isInForce: boolean): string {
  const [{ line, column, message }, ...others] = problems as readonly [Problem, ...Problem[]];
  const more = others.length === 0 ? "" : ` (and ${others.length} more)`;
  const sentence = `${name}.yaml:${line}:${column}: ${message.replace(/\.$/, "")}${more}.`;
  if (isInForce) return `${sentence} The last good ${name} stays in force.`;
  const effect = WITHOUT[name];
  return `${sentence} No ${name} ${name === "waivers" || name === "revocations" ? "are" : "is"} in force: ${effect}.`;
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
