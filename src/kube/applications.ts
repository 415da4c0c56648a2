import { createHash } from "node:crypto";

import { z } from "zod";

import { canonicalJson } from "../core/index.ts";
import type { KubeClient } from "./client/client.ts";
import type { KubeError } from "./client/kube-error.ts";
import { readObject } from "./client/read-object.ts";
import { type Resource, resourcePath } from "./client/resource-path.ts";
import { type Freshness, type InformerTiming, startInformer } from "./watch/informer.ts";

const APPLICATIONS: Resource = { group: "argoproj.io", version: "v1alpha1", resource: "applications" };
/** Their status lists every resource, a few hundred kB each, and reading a page keeps everyone else waiting. */
const PAGE = 20;
/** A change that a watch did not report costs no one more than the wait for a render. */
const RELIST_MS = 60 * 60_000;

/** What says which target an Application is away from. Source: argo-cd, pkg/apis/application/v1alpha1/types.go. */
const OutOfSync = z.object({
  metadata: z.object({ uid: z.string() }),
  spec: z.object({
    source: z.unknown().optional(),
    sources: z.unknown().optional(),
    sourceHydrator: z.unknown().optional(),
    destination: z.unknown().optional(),
  }),
  status: z.object({
    sync: z.object({
      status: z.literal("OutOfSync"),
      revision: z.unknown().optional(),
      revisions: z.unknown().optional(),
    }),
  }),
});

/** What `OutOfSync` reads. */
const PARTS = [
  ["metadata", "uid"],
  ...["source", "sources", "sourceHydrator", "destination"].map((key) => ["spec", key]),
  ["status", "sync"],
];

interface ApplicationName {
  readonly namespace: string;
  readonly name: string;
}

/** What to follow and whom to tell. */
export interface OutOfSyncOptions {
  readonly client: KubeClient;
  /**
   * The target that an Application is out of sync with: a text that is the same for the same Application, sources and
   * revisions. Undefined where it is in sync, or gone. Called at every change of an Application, whatever has changed.
   */
  readonly onChange: (application: ApplicationName, target: string | undefined) => void;
  readonly onTrouble: (error: KubeError) => void;
  readonly timing?: Partial<InformerTiming>;
}

/** The Applications of all namespaces, followed until they are stopped. */
export interface OutOfSyncWatch extends Freshness {
  readonly stop: () => void;
}

/** Follows which Applications are out of sync. Of each, only a hash of its target is kept. */
export function watchOutOfSync({ client, onChange, onTrouble, timing }: OutOfSyncOptions): OutOfSyncWatch {
  return startInformer<{ readonly target: string | undefined }>({
    client,
    source: { path: resourcePath(APPLICATIONS), page: PAGE, parts: PARTS },
    read: (object) => ({ target: targetOf(object) }),
    onChange: (name, object, namespace = "") => onChange({ namespace, name }, object?.target),
    onTrouble,
    timing: { relistMs: RELIST_MS, ...timing },
  });
}

/** Reads an Application as it is now; undefined where there is none. Rejects with KubeError. */
export function createApplicationReader(
  client: KubeClient,
): (application: ApplicationName) => Promise<unknown> {
  return (application) => readObject(client, { ...APPLICATIONS, ...application });
}

/**
 * An Application that cannot be read is one without a target: anyone who starts its sync learns why. Never throws, so
 * that no Application of a tenant's fills the log.
 */
function targetOf(object: unknown): string | undefined {
  const { data } = OutOfSync.safeParse(object);
  try {
    return data && createHash("sha256").update(canonicalJson(data)).digest("hex");
  } catch {
    return undefined; // nested deeper than the stack
  }
}
