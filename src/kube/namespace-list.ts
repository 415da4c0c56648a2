import { z } from "zod";

import { type Mode, MODE_LABEL, modeOfLabel, TextMap } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import { listAll, METADATA_ONLY } from "./client/list-all.ts";
import { readAnswer } from "./client/read-answer.ts";
import { resourcePath } from "./client/resource-path.ts";

const Namespace = z.object({
  metadata: z.object({
    name: z.string().min(1),
    labels: TextMap.nullish(),
    deletionTimestamp: z.string().nullish(),
  }),
});

/** A namespace as it is now. */
export interface ListedNamespace {
  readonly name: string;
  /** What its label says; absent where it has none. */
  readonly mode?: Mode;
  readonly isTerminating: boolean;
}

/** All namespaces. Rejects with KubeError. */
export async function listNamespaces(client: KubeClient): Promise<ListedNamespace[]> {
  const found: ListedNamespace[] = [];
  const parts = ["labels", "deletionTimestamp"].map((key) => ["metadata", key]);
  const source = { path: resourcePath({ resource: "namespaces" }), accept: METADATA_ONLY, parts };
  await listAll(client, source, (object) => {
    const { name, labels, deletionTimestamp } = readAnswer(Namespace, "Namespace", object).metadata;
    const mode = modeOfLabel(labels?.[MODE_LABEL]);
    found.push({
      name,
      ...(mode !== undefined && { mode }),
      isTerminating: (deletionTimestamp ?? "") !== "",
    });
  });
  return found;
}
