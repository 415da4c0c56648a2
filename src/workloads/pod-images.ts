import { z } from "zod";

import { Fault, MAX_PULL_SECRETS, printable, type PullAccess, type Subject } from "../core/index.ts";
import { adviceOn, isPlaceholder } from "./injectors.ts";
import { isTemplate, type WorkloadPath, WORKLOADS } from "./kinds.ts";

const MAX_SUBJECTS = 1000;

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
type PodSpec = z.infer<typeof PodSpec>;

const Reference = z.object({ kind: z.string().min(1), name: z.string().min(1) });

type Path = readonly (string | number)[];

/** An image with where it is in the object. */
export interface LocatedImage extends Subject {
  /** Keys that lead to it from the object's top. */
  readonly path: Path;
  /** Name of its container or volume. */
  readonly name: string;
}

/** The images of a workload, and whose pull secrets go with them. */
export interface PodImages {
  readonly subjects: readonly LocatedImage[];
  readonly access: Pick<PullAccess, "serviceAccount" | "pullSecrets">;
  /** What is left to the check of its pods, one sentence each without a full stop: placeholders, and another's template. */
  readonly notes: readonly string[];
}

/**
 * Every image that a workload names: containers, init and ephemeral containers, image volumes. A container without an
 * image is left to the API server, which admits none into a pod. A placeholder in a template is a note, since the pod
 * that results is checked by itself; in a pod it is an image like any other. Throws Fault review/invalid where the pod
 * spec is absent or cannot be read, or where what a configured path leads to has no list of containers, which every pod
 * spec has: "nothing to check" must never be a misreading. Throws Fault limits/exceeded over 1,000 images.
 */
export function podImages(object: unknown, row: WorkloadPath): PodImages {
  const value = row.path.reduce(stepInto, object);
  if (value === undefined || value === null) return withoutPodSpec(object, row);
  const spec = podSpecIn(value, row);
  if (!WORKLOADS.includes(row) && !hasContainers(spec)) throw noPodSpec(row);
  const all = imagesIn(spec, row.path);
  if (all.length > MAX_SUBJECTS) throw tooMany(all.length, row);
  const access = accessOf(spec);
  if (!isTemplate(row)) return { subjects: advised(all, object), access, notes: [] };
  const notes = all.filter(({ image }) => isPlaceholder(image)).map((each) => placeholderNote(each, row));
  return { subjects: all.filter(({ image }) => !isPlaceholder(image)), access, notes };
}

function advised(images: readonly LocatedImage[], pod: unknown): LocatedImage[] {
  const adviceFor = adviceOn(pod);
  return images.map((each) => {
    const advice = adviceFor(each);
    return advice === undefined ? each : { ...each, advice };
  });
}

/** An object without a pod spec takes the template of another workload where its kind can, and is unreadable else. */
function withoutPodSpec(object: unknown, row: WorkloadPath): PodImages {
  const { kind, path, reference } = row;
  const referred = reference?.reduce(stepInto, object) ?? undefined;
  if (reference === undefined || referred === undefined) {
    const what = printable(kind, 60);
    throw new Fault("review/invalid", `the ${what} has no pod spec at ${printable(path.join("."), 120)}`);
  }
  const parsed = Reference.safeParse(referred);
  if (!parsed.success) throw unreadable(row, [...reference, ...issuePath(parsed.error)]);
  const { kind: other, name } = parsed.data;
  const from = `${printable(other, 60)} "${printable(name, 253)}"`;
  const note = `the ${printable(kind, 60)} takes the pod template of ${from}, where its images are checked`;
  return { subjects: [], access: {}, notes: [note] };
}

function podSpecIn(value: unknown, row: WorkloadPath): PodSpec {
  const parsed = PodSpec.safeParse(value);
  if (parsed.success) return parsed.data;
  throw unreadable(row, [...row.path, ...issuePath(parsed.error)]);
}

function hasContainers({ containers, initContainers, ephemeralContainers }: PodSpec): boolean {
  return [containers, initContainers, ephemeralContainers].some((list) => (list ?? undefined) !== undefined);
}

function noPodSpec({ kind, path }: WorkloadPath): Fault {
  const place = printable(path.join("."), 120);
  return new Fault(
    "review/invalid",
    `what the ${printable(kind, 60)} has at ${place} is not a pod spec: it has no list of containers; correct the path that is configured for the kind`,
  );
}

function issuePath({ issues }: z.ZodError): PropertyKey[] {
  return issues[0]!.path;
}

function unreadable({ kind }: WorkloadPath, path: readonly PropertyKey[]): Fault {
  const place = printable(path.join("."), 120);
  return new Fault("review/invalid", `the ${printable(kind, 60)}'s pod spec cannot be read at ${place}`);
}

function tooMany(count: number, { kind }: WorkloadPath): Fault {
  const what = printable(kind, 60);
  return new Fault(
    "limits/exceeded",
    `the ${what} names ${count} images; ${MAX_SUBJECTS} are checked at most`,
  );
}

function placeholderNote({ image, place }: Subject, { kind }: WorkloadPath): string {
  return `${printable(kind, 60)}'s ${place} names the placeholder "${image}"; its image is checked in the pod`;
}

function stepInto(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? (value as Readonly<Record<string, unknown>>)[key]
    : undefined;
}

function imagesIn(spec: PodSpec, prefix: Path): LocatedImage[] {
  const containers = [
    ["init container", "initContainers"],
    ["container", "containers"],
    ["ephemeral container", "ephemeralContainers"],
  ] as const;
  return [
    ...containers.flatMap(([what, list]) =>
      (spec[list] ?? []).flatMap(({ name, image }, at) =>
        named({ what, name, path: [...prefix, list, at, "image"] }, image),
      ),
    ),
    ...(spec.volumes ?? []).flatMap(({ name, image }, at) =>
      named(
        { what: "image volume", name, path: [...prefix, "volumes", at, "image", "reference"] },
        image?.reference,
      ),
    ),
  ];
}

function named(
  { what, name, path }: { readonly what: string; readonly name: string; readonly path: Path },
  image: string | undefined,
): LocatedImage[] {
  return image === undefined || image === ""
    ? []
    : [{ image, place: `${what} "${printable(name, 63)}"`, path, name }];
}

function accessOf({ serviceAccountName, imagePullSecrets }: PodSpec): PodImages["access"] {
  const names = (imagePullSecrets ?? []).flatMap(({ name }) => name ?? []);
  const pullSecrets = names.slice(0, MAX_PULL_SECRETS + 1); // one more says that not all are read
  return { serviceAccount: serviceAccountName || "default", ...(pullSecrets.length > 0 && { pullSecrets }) };
}
