import { z } from "zod";

import { type Mode, MODE_LABEL, modeOfLabel } from "../core/index.ts";
import type { KubeClient } from "./client.ts";
import { type Freshness, type InformerTiming, startInformer } from "./informer.ts";
import type { KubeError } from "./kube-error.ts";
import { METADATA_ONLY } from "./list-all.ts";
import { resourcePath } from "./resource-path.ts";

const Namespace = z.object({
  metadata: z.object({ labels: z.record(z.string(), z.string()).nullish() }),
});

/** What is known of a namespace: nothing; that it has no label (mode absent); or the mode that its label says. */
type NamespaceMode = { readonly known: false } | { readonly known: true; readonly mode?: Mode };

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
  readonly stop: () => void;
}

/** Follows the mode label of all namespaces. A label that spells no mode counts as `enforce`: a typing error opens nothing. */
export function watchNamespaceModes({
  client,
  onTrouble,
  timing,
}: NamespaceModesOptions): WatchedNamespaceModes {
  const informer = startInformer<NamespaceMode>({
    client,
    source: { path: resourcePath({ resource: "namespaces" }), accept: METADATA_ONLY },
    read: readMode,
    onTrouble,
    ...(timing !== undefined && { timing }),
  });
  return { ...informer, modeOf: (namespace) => informer.get(namespace) ?? { known: false } };
}

function readMode(object: unknown): NamespaceMode {
  const mode = modeOfLabel(Namespace.parse(object).metadata.labels?.[MODE_LABEL]);
  return mode === undefined ? { known: true } : { known: true, mode };
}
