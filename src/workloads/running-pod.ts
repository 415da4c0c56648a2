import { z } from "zod";

import { type Digest, isPinned, parseDigest, parseImageRef, repositoryName } from "../core/index.ts";
import { podImages, type PodImages } from "./pod-images.ts";

const POD = { group: "", kind: "Pod", path: ["spec"] };

const Status = z.object({ name: z.string(), imageID: z.string().default("") });
const Statuses = z.array(Status).nullish();
/** What is read of a pod in addition to its spec. Source: Kubernetes API reference, Pod v1. */
const Pod = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string().default("default") }),
  status: z
    .object({
      containerStatuses: Statuses,
      initContainerStatuses: Statuses,
      ephemeralContainerStatuses: Statuses,
    })
    .nullish(),
});

/** One image of a running pod. */
export interface RunningImage {
  /** A container's name, or `image volume "models"`. */
  readonly place: string;
  /** By digest wherever the object or its status knows one. */
  readonly image: string;
  /** What the node says that it runs: of an index, the platform image on some runtimes. Nodes say it of no volume. */
  readonly running?: Digest;
}

/** A running pod: its images, and whose pull secrets go with them. */
export interface RunningPod {
  readonly namespace: string;
  readonly name: string;
  readonly images: readonly RunningImage[];
  readonly access: PodImages["access"];
}

/** Reads a pod as the API server shows it. Throws Fault as `podImages`, and ZodError where it is not a pod. */
export function runningPod(value: unknown): RunningPod {
  const { metadata, status } = Pod.parse(value);
  const { subjects, access } = podImages(value, POD);
  const lists = {
    containers: status?.containerStatuses,
    initContainers: status?.initContainerStatuses,
    ephemeralContainers: status?.ephemeralContainerStatuses,
  };
  const images = subjects.map(({ image, place, path: [, list], name: container }): RunningImage => {
    if (list === "volumes") return { place, image };
    const statuses = lists[list as keyof typeof lists];
    const running = digestIn(statuses?.find(({ name }) => name === container)?.imageID ?? "");
    return {
      place: container,
      image: pinnedBy(image, running),
      ...(running !== undefined && { running }),
    };
  });
  return { ...metadata, images, access };
}

/** `docker-pullable://ghcr.io/acme/app@sha256:…`, `ghcr.io/acme/app@sha256:…`, `sha256:…` (a local id, no digest). */
function digestIn(imageId: string): Digest | undefined {
  const at = imageId.lastIndexOf("@");
  return at < 0 ? undefined : parseDigest(imageId.slice(at + 1));
}

function pinnedBy(image: string, running: Digest | undefined): string {
  const parsed = parseImageRef(image);
  if (!parsed.ok || isPinned(parsed.ref) || running === undefined) return image;
  return `${repositoryName(parsed.ref)}@${running}`;
}
