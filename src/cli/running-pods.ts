import { z } from "zod";

import { isPinned, parseDigest, parseImageRef, parseJson, repositoryName } from "../core/index.ts";
import { UsageError } from "./exit-codes.ts";
import { readText } from "./terminal.ts";

const Container = z.object({ name: z.string(), image: z.string() });
const Status = z.object({ name: z.string(), imageID: z.string().default("") });
/** What is read of a pod. Source: Kubernetes API reference, Pod v1. */
export const Pod = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().default("default") }),
  spec: z.object({
    containers: z.array(Container),
    initContainers: z.array(Container).default([]),
    ephemeralContainers: z.array(Container).default([]),
  }),
  status: z
    .object({
      containerStatuses: z.array(Status).default([]),
      initContainerStatuses: z.array(Status).default([]),
      ephemeralContainerStatuses: z.array(Status).default([]),
    })
    .prefault({}),
});
const Pods = z.object({ kind: z.literal(["List", "PodList"]), items: z.array(Pod) });
/** See the schema of the same name. */
export type Pod = z.output<typeof Pod>;

/** One container of a running pod. */
export interface RunningContainer {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  /** By digest wherever the object or its status knows one. */
  readonly image: string;
  /** What the node says that it runs: of an index, the platform image on some runtimes. */
  readonly running?: string;
}

/** The containers in what `kubectl get pods -A -o json` prints. Throws UsageError: half a list is no answer. */
export function runningContainers(file: string): RunningContainer[] {
  const parsed = Pods.safeParse(jsonIn(file));
  if (parsed.success) return parsed.data.items.flatMap(containersOf);
  const { path = [], message = "" } = parsed.error.issues[0] ?? {};
  throw new UsageError(
    `${file} is no list of pods (kubectl get pods -A -o json): ${path.join(".")} ${message}`,
  );
}

function jsonIn(file: string): unknown {
  try {
    return parseJson(readText(file));
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${file} is not JSON; write it by kubectl get pods -A -o json`);
  }
}

/** The containers of a pod. */
export function containersOf({ metadata, spec, status }: Pod): RunningContainer[] {
  const ids = new Map(
    [status.containerStatuses, status.initContainerStatuses, status.ephemeralContainerStatuses]
      .flat()
      .map(({ name, imageID }) => [name, digestIn(imageID)]),
  );
  return [spec.containers, spec.initContainers, spec.ephemeralContainers].flat().map(({ name, image }) => {
    const running = ids.get(name);
    return {
      namespace: metadata.namespace,
      pod: metadata.name,
      container: name,
      image: pinnedBy(image, running),
      ...(running !== undefined && { running }),
    };
  });
}

/** `docker-pullable://ghcr.io/acme/app@sha256:…`, `ghcr.io/acme/app@sha256:…`, `sha256:…` (a local id, no digest). */
function digestIn(imageId: string): string | undefined {
  const at = imageId.lastIndexOf("@");
  return at < 0 ? undefined : parseDigest(imageId.slice(at + 1));
}

function pinnedBy(image: string, running: string | undefined): string {
  const parsed = parseImageRef(image);
  if (!parsed.ok || isPinned(parsed.ref) || running === undefined) return image;
  return `${repositoryName(parsed.ref)}@${running}`;
}
