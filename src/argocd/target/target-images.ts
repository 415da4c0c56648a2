import {
  type Digest,
  Fault,
  parseImageRef,
  printable,
  type PullAccess,
  type Subject,
} from "../../core/index.ts";
import {
  isBuiltIn,
  type KubeObject,
  podImages,
  type WorkloadPath,
  workloadPath,
} from "../../workloads/index.ts";
import { identityOf, type ObjectIdentity } from "./selected-resources.ts";

const MAX_SUBJECTS = 5000;
/** Notes of a target that are kept, and kinds that one of them names. */
const MAX_NOTES = 20;

/** An image of a target, and the object that names it. */
export interface TargetSubject extends Subject {
  readonly owner: ObjectIdentity;
}

/** Images that are judged together: those of one namespace that are pulled with the same credentials. */
export interface ImageGroup {
  readonly namespace: string;
  readonly access: PullAccess;
  readonly subjects: readonly TargetSubject[];
}

/** How the images of a target are found. */
export interface TargetScope {
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  /** Custom resources that contain pod specs, in addition to the built-in kinds. */
  readonly workloads: readonly WorkloadPath[];
  /** The gate's own image, which its hook runs: left out by digest, and by nothing else. */
  readonly ownDigests: readonly Digest[];
}

/** The images of a target, and what is not checked here. */
export interface TargetImages {
  readonly groups: readonly ImageGroup[];
  /** What is left to the check of its pods, and which kinds are not read: one clause each. */
  readonly notes: readonly string[];
}

/**
 * Every image that a target would run, hooks of every kind included, by namespace and credentials. Throws Fault
 * limits/exceeded over 5,000 images, and what `podImages` throws: a pod spec that cannot be read is not an empty one.
 */
export function targetImages(objects: readonly KubeObject[], scope: TargetScope): TargetImages {
  const found = objects.map((object) => imagesOf(object, scope));
  const groups = found.flatMap(({ group }) => group ?? []);
  const count = groups.reduce((sum, { subjects }) => sum + subjects.length, 0);
  if (count > MAX_SUBJECTS)
    throw new Fault(
      "limits/exceeded",
      `the target names ${count} images; ${MAX_SUBJECTS} are checked at most`,
    );
  const alike = Map.groupBy(groups, ({ access }) => JSON.stringify(access));
  return {
    groups: [...alike.values()].map((each) => ({
      ...each[0]!,
      subjects: each.flatMap(({ subjects }) => subjects),
    })),
    notes: firstOf([...found.flatMap(({ notes }) => notes), ...unknownKinds(objects, scope)], "notes"),
  };
}

/** The kinds that no row knows, Kubernetes' own left out, which name no images. */
function unknownKinds(objects: readonly KubeObject[], { workloads }: TargetScope): string[] {
  const unknown = objects.filter((each) => !isBuiltIn(each) && workloadPath(each, workloads) === undefined);
  const kinds = [...new Set(unknown.map(({ group, kind }) => printable(`${kind}.${group}`, 120)))];
  return kinds.length === 0 ? [] : [`not checked: ${firstOf(kinds, "kinds").join(", ")}`];
}

/** The first 20 texts, and how many there are as well. */
function firstOf(texts: readonly string[], what: string): string[] {
  const shown = texts.slice(0, MAX_NOTES);
  return texts.length > MAX_NOTES ? [...shown, `and ${texts.length - MAX_NOTES} more ${what}`] : shown;
}

interface ObjectImages {
  readonly group?: ImageGroup;
  readonly notes: readonly string[];
}

function imagesOf(
  object: KubeObject,
  { namespace: usual, workloads, ownDigests }: TargetScope,
): ObjectImages {
  const row = workloadPath(object, workloads);
  if (row === undefined) return { notes: [] };
  const found = podImages(object.value, row);
  const namespace = object.namespace ?? usual;
  const who = `${printable(object.kind, 60)} "${printable(object.name, 80)}"`;
  const owner = identityOf(object);
  const subjects = found.subjects
    .filter(({ image }) => !isOwn(image, ownDigests))
    .map(({ image, place, advice }) => ({
      image,
      place: `${who}, ${place}`,
      owner,
      ...(advice !== undefined && { advice }),
    }));
  const notes = found.notes.map((note) => `${who}: ${note}`);
  // A namespace in which something is left to the pods is one that the target changes.
  if (subjects.length + notes.length === 0) return { notes };
  return { group: { namespace, access: { namespace, ...found.access }, subjects }, notes };
}

function isOwn(image: string, ownDigests: readonly Digest[]): boolean {
  const parsed = parseImageRef(image);
  return parsed.ok && parsed.ref.digest !== undefined && ownDigests.includes(parsed.ref.digest);
}
