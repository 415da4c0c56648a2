import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { watchText } from "./object-texts.ts";
import type { Freshness, InformerTiming } from "./watch/informer.ts";

/** A document that operators write: one key of a ConfigMap. */
interface DocumentSource {
  readonly configMap: string;
  /** `policy.yaml`, for example. */
  readonly key: string;
}

/** What to follow and whom to tell. */
export interface DocumentsOptions {
  readonly client: KubeClient;
  /** The gate's own. */
  readonly namespace: string;
  readonly documents: readonly DocumentSource[];
  /**
   * The text now; undefined where there is no such ConfigMap or key. Called for each document once after its first
   * list, then within milliseconds of every change.
   */
  readonly onText: (source: DocumentSource, text: string | undefined) => void;
  readonly onTrouble: (error: KubeError, source: DocumentSource) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** Documents that are followed until they are stopped. */
export interface WatchedDocuments extends Freshness {
  /** The freshness of one document; of the stalest where it is not given. */
  readonly ageMs: (source?: DocumentSource) => number;
  readonly stop: () => void;
}

/** Follows documents, each by the name of its ConfigMap, so that the right to those alone is enough. */
export function watchDocuments(options: DocumentsOptions): WatchedDocuments {
  const { client, namespace, documents, onText, onTrouble, timing } = options;
  const watched = documents.map((source) => {
    const handlers = {
      onText: (text: string | undefined) => onText(source, text),
      onTrouble: (error: KubeError) => onTrouble(error, source),
    };
    const place = { kind: "configmaps", namespace, name: source.configMap, key: source.key } as const;
    return { source, text: watchText(client, place, handlers, timing) };
  });
  const texts = watched.map(({ text }) => text);
  return {
    synced: () => texts.every((text) => text.synced()),
    ageMs(source) {
      const asked = source === undefined ? watched : watched.filter((each) => each.source === source);
      return Math.max(...asked.map(({ text }) => text.ageMs()), 0);
    },
    listAgeMs: () => Math.max(...texts.map((text) => text.listAgeMs()), 0),
    stop: () => texts.forEach((text) => text.stop()),
  };
}
