import { z } from "zod";

import { TextMap } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type Freshness, type InformerTiming, startInformer } from "./watch/informer.ts";

const ConfigMap = z.object({ data: TextMap.nullish() });
const Secret = z.object({ data: z.record(z.string(), z.base64()).nullish() });

/** The texts of a ConfigMap, by key. Throws KubeError where the object is none. */
function readConfigMap(object: unknown): ReadonlyMap<string, string> {
  return new Map(Object.entries(readAnswer(ConfigMap, "ConfigMap", object).data ?? {}));
}

/** The values of a Secret as UTF-8 text, by key. Throws KubeError where the object is none, without saying what it holds. */
export function readSecret(object: unknown): ReadonlyMap<string, string> {
  const entries = Object.entries(readAnswer(Secret, "Secret", object).data ?? {});
  return new Map(entries.map(([key, value]) => [key, Buffer.from(value, "base64").toString("utf8")]));
}

/** One key of a ConfigMap or Secret. */
export interface TextSource {
  readonly kind: "configmaps" | "secrets";
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
}

/** Whom a watch of one text tells. */
export interface TextHandlers {
  /**
   * The text now; undefined where there is no such object or key. Called once after the first list, then at changes.
   */
  readonly onText: (text: string | undefined) => void;
  readonly onTrouble: (error: KubeError) => void;
}

/** A text that is followed until it is stopped. */
export interface WatchedText extends Freshness {
  readonly stop: () => void;
}

/**
 * Follows one key by its object's name alone, so that the right to that one object is enough. An object of that name in another
 * namespace says nothing, whatever the watch brings.
 */
export function watchText(
  client: KubeClient,
  { kind, namespace, name, key }: TextSource,
  { onText, onTrouble }: TextHandlers,
  timing: Partial<InformerTiming> = {},
): WatchedText {
  const readTexts = kind === "secrets" ? readSecret : readConfigMap;
  let told: { readonly text: string | undefined } | undefined;
  const tell = (text: string | undefined): void => {
    if (told !== undefined && told.text === text) return;
    told = { text };
    onText(text);
  };
  return startInformer<{ readonly text: string | undefined }>({
    client,
    source: { path: resourcePath({ resource: kind, namespace }), fieldSelector: `metadata.name=${name}` },
    read: (object) => ({ text: readTexts(object).get(key) }),
    onChange: (changed, object, from) => changed === name && from === namespace && tell(object?.text),
    onList: () => told === undefined && tell(undefined),
    onTrouble,
    timing,
  });
}
