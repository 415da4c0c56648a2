import { z } from "zod";

import { Fault, printable, type PullAccess, type Subject } from "../core/index.ts";
import type { WorkloadPath } from "./podspecs.ts";

const MOST_SUBJECTS = 1000;
const MOST_PULL_SECRETS = 16;

const Named = z.object({ name: z.string().catch("") });
const Container = Named.extend({ image: z.string().optional() });
const Volume = Named.extend({ image: z.object({ reference: z.string().optional() }).nullish() });
const Containers = z.array(Container).nullish();

/** What the gate reads of a pod spec. Source: Kubernetes API reference, PodSpec v1. */
const PodSpec = z.object({
  initContainers: Containers,
  containers: Containers,
  ephemeralContainers: Containers,
  volumes: z.array(Volume).nullish(),
  serviceAccountName: z.string().optional(),
  imagePullSecrets: z.array(z.object({ name: z.string().optional() })).nullish(),
});

/** The images of a workload, and whose pull secrets go with them. */
export interface PodImages {
  readonly subjects: readonly Subject[];
  readonly access: Pick<PullAccess, "serviceAccount" | "pullSecrets">;
}

/**
 * Every image that a workload names: containers, init and ephemeral containers, image volumes. A container without an
 * image is left to the API server, which admits none into a pod. Throws Fault review/invalid where the pod spec cannot
 * be read: "nothing to check" must never be a misreading. Throws Fault limits/exceeded over 1,000 images.
 */
export function podImages(object: unknown, { kind, path }: WorkloadPath): PodImages {
  const parsed = PodSpec.safeParse(path.reduce(stepInto, object));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    const place = [...path, ...issue.path].join(".");
    throw new Fault(
      "review/invalid",
      `the ${printable(kind, 60)}'s pod spec cannot be read at ${printable(place, 120)}`,
    );
  }
  const subjects = located(parsed.data).map(({ image, place }) => ({ image, place }));
  if (subjects.length > MOST_SUBJECTS) {
    const what = printable(kind, 60);
    throw new Fault(
      "limits/exceeded",
      `the ${what} names ${subjects.length} images; ${MOST_SUBJECTS} are checked at most`,
    );
  }
  return { subjects, access: accessOf(parsed.data) };
}

/** An image with the keys that lead to it from the object's top. */
export interface LocatedImage extends Subject {
  readonly path: readonly (string | number)[];
}

/** The same images with their paths, for who rewrites them; nothing where the pod spec cannot be read. */
export function imagePaths(object: unknown, { path }: WorkloadPath): LocatedImage[] {
  const parsed = PodSpec.safeParse(path.reduce(stepInto, object));
  if (!parsed.success) return [];
  return located(parsed.data).map((each) => ({ ...each, path: [...path, ...each.path] }));
}

function located(spec: z.infer<typeof PodSpec>): LocatedImage[] {
  return [
    ...inContainers("init container", "initContainers", spec),
    ...inContainers("container", "containers", spec),
    ...inContainers("ephemeral container", "ephemeralContainers", spec),
    ...(spec.volumes ?? []).flatMap(({ name, image }, at) =>
      subject({ what: "image volume", name, path: ["volumes", at, "image", "reference"] }, image?.reference),
    ),
  ];
}

function stepInto(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

type ContainerList = "initContainers" | "containers" | "ephemeralContainers";

function inContainers(what: string, list: ContainerList, spec: z.infer<typeof PodSpec>): LocatedImage[] {
  return (spec[list] ?? []).flatMap(({ name, image }, at) =>
    subject({ what, name, path: [list, at, "image"] }, image),
  );
}

function subject(
  { what, name, path }: { readonly what: string; readonly name: string; readonly path: LocatedImage["path"] },
  image: string | undefined,
): LocatedImage[] {
  return image === undefined || image === ""
    ? []
    : [{ image, place: `${what} "${printable(name, 63)}"`, path }];
}

function accessOf({ serviceAccountName, imagePullSecrets }: z.infer<typeof PodSpec>): PodImages["access"] {
  const pullSecrets = (imagePullSecrets ?? []).flatMap(({ name }) => name ?? []).slice(0, MOST_PULL_SECRETS);
  return { serviceAccount: serviceAccountName || "default", ...(pullSecrets.length > 0 && { pullSecrets }) };
}
