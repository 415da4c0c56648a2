import { z } from "zod";

import { type Digest, isPinned, parseDigest, parseImageRef, repositoryName } from "../core/index.ts";
import { podImages, type PodImages } from "./pod-images.ts";

const POD = { group: "", kind: "Pod", path: ["spec"] };

const Mount = z.object({
  name: z.string(),
  volumeStatus: z.object({ image: z.object({ imageRef: z.string().default("") }).nullish() }).nullish(),
});
const Status = z.object({
  name: z.string(),
  imageID: z.string().default(""),
  state: z.object({ running: z.unknown(), terminated: z.unknown() }).partial().nullish(),
  volumeMounts: z.array(Mount).nullish(),
});
type Status = z.infer<typeof Status>;
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
  /** What the node says that it runs: of an index, the platform image on some runtimes. Of a volume, newer nodes say it. */
  readonly running?: Digest;
  /** `repository@digest` as the node has it; absent with `running`. */
  readonly runningAs?: string;
  /** As the object names it. */
  readonly named: string;
  /** `init container "migrate"`. */
  readonly where: string;
  /** Whether its node has begun to run it. */
  readonly isStarted: boolean;
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
  const all = Object.values(lists).flatMap((list) => list ?? []);
  const images = subjects.map(({ image, place: where, path: [, list], name }): RunningImage => {
    const isVolume = list === "volumes";
    const own = isVolume ? undefined : lists[list as keyof typeof lists]?.find((each) => each.name === name);
    const id = isVolume ? volumeId(all, name) : (own?.imageID ?? "");
    const running = digestIn(id);
    const about = { named: image, where, isStarted: isVolume ? all.some(hasBegun) : hasBegun(own) };
    if (running === undefined) return { place: isVolume ? where : name, image, ...about };
    const known = { running, runningAs: id.replace(/^[a-z-]+:\/\//, "") };
    return { place: isVolume ? where : name, image: pinnedBy(image, running), ...known, ...about };
  });
  return { ...metadata, images, access };
}

/** What a node says of a volume that containers mount. */
function volumeId(statuses: readonly Status[], name: string): string {
  const mounts = statuses.flatMap(({ volumeMounts }) => volumeMounts ?? []);
  const refs = mounts.filter((each) => each.name === name).map(({ volumeStatus }) => volumeStatus?.image);
  return refs.find((image) => (image?.imageRef ?? "") !== "")?.imageRef ?? "";
}

/** A node names an image only once it has it, and some name none. */
function hasBegun(status: Status | undefined): boolean {
  const { imageID = "", state } = status ?? {};
  return imageID !== "" || (state?.running ?? state?.terminated ?? undefined) !== undefined;
}

/** `docker-pullable://ghcr.io/acme/app@sha256:…`, `ghcr.io/acme/app@sha256:…`, `sha256:…` (a local id, no digest). */
function digestIn(imageId: string): Digest | undefined {
  const at = imageId.lastIndexOf("@");
  return at < 0 ? undefined : parseDigest(imageId.slice(at + 1));
}

function pinnedBy(image: string, running: Digest): string {
  const parsed = parseImageRef(image);
  if (!parsed.ok || isPinned(parsed.ref)) return image;
  return `${repositoryName(parsed.ref)}@${running}`;
}
