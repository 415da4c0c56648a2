import { z } from "zod";

import { type Mode, MODE_LABEL, modeOfLabel, stricterMode, TextMap } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { METADATA_ONLY } from "./client/list-all.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";
import { type Freshness, type InformerTiming, startInformer } from "./watch/informer.ts";

const Namespace = z.object({
  metadata: z.object({
    labels: TextMap.nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
});

/** What `Namespace` reads. */
const PARTS = ["labels", "deletionTimestamp"].map((key) => ["metadata", key]);

/** What is known of a namespace: nothing; that it has no label (mode absent); or the mode that its label says. */
type NamespaceMode = { readonly known: false } | { readonly known: true; readonly mode?: Mode };

interface WatchedNamespace {
  readonly mode: NamespaceMode;
  readonly isTerminating: boolean;
}

/** What to ask and whom to tell. */
export interface NamespaceModesOptions {
  readonly client: KubeClient;
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** The modes of all namespaces, followed until they are stopped. */
export interface WatchedNamespaceModes extends Freshness {
  /** A namespace that was made a moment ago may still be unknown; all are before the first list. */
  readonly modeOf: (namespace: string) => NamespaceMode;
  /** The strictest mode of any namespace, that of those without a label included; `enforce` while they are not all known. */
  readonly strictest: (withoutLabel: Mode) => Mode;
  /** The mode that each namespace's label asks for, undefined where it has none. */
  readonly all: () => readonly (Mode | undefined)[];
  /** Whether it is known that the namespace is being deleted. */
  readonly isTerminating: (namespace: string) => boolean;
  readonly stop: () => void;
}

/** Follows the mode label of all namespaces, and which of them are being deleted. Modes are as `modeOfLabel` reads them. */
export function watchNamespaceModes({
  client,
  onTrouble,
  timing,
}: NamespaceModesOptions): WatchedNamespaceModes {
  const informer = startInformer<WatchedNamespace>({
    client,
    source: { path: resourcePath({ resource: "namespaces" }), accept: METADATA_ONLY, parts: PARTS },
    read: readNamespace,
    onTrouble,
    ...(timing !== undefined && { timing }),
  });
  return {
    ...informer,
    modeOf: (namespace) => informer.get(namespace)?.mode ?? { known: false },
    strictest: (withoutLabel) => {
      if (!informer.synced()) return "enforce";
      return [...informer.all()].reduce<Mode>(
        (strictest, { mode }) => stricterMode(strictest, (mode.known && mode.mode) || withoutLabel),
        withoutLabel,
      );
    },
    all: () => Array.from(informer.all(), ({ mode }) => (mode.known ? mode.mode : undefined)),
    isTerminating: (namespace) => informer.get(namespace)?.isTerminating ?? false,
  };
}

function readNamespace(object: unknown): WatchedNamespace {
  const { labels, deletionTimestamp } = readAnswer(Namespace, "Namespace", object).metadata;
  const mode = modeOfLabel(labels?.[MODE_LABEL]);
  return {
    mode: mode === undefined ? { known: true } : { known: true, mode },
    isTerminating: (deletionTimestamp ?? "") !== "",
  };
}
