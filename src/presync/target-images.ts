import { podImages, type WorkloadPath, workloadPath } from "../admission/index.ts";
import {
  type Digest,
  Fault,
  parseImageRef,
  printable,
  type PullAccess,
  type Subject,
} from "../core/index.ts";
import type { TargetObject } from "./target-objects.ts";

const MOST_SUBJECTS = 5000;

/** Images that are judged together: those of one namespace that are pulled with the same credentials. */
export interface ImageGroup {
  readonly namespace: string;
  readonly access: PullAccess;
  readonly subjects: readonly Subject[];
}

/** How the images of a target are found. */
export interface TargetScope {
  /** Where objects go that name no namespace. */
  readonly namespace: string;
  /** Custom resources that carry pod specs, besides the built-in kinds. */
  readonly workloads: readonly WorkloadPath[];
  /** The gate's own image, which its hook runs: left out by digest, and by nothing else. */
  readonly ownDigests: readonly Digest[];
}

/**
 * Every image that a target would run, hooks of every kind included, by namespace and credentials. Throws Fault
 * limits/exceeded over 5,000 images, and what `podImages` throws: a pod spec that cannot be read is not an empty one.
 */
export function targetImages(objects: readonly TargetObject[], scope: TargetScope): ImageGroup[] {
  const groups = objects.flatMap((object) => imagesOf(object, scope));
  const count = groups.reduce((sum, { subjects }) => sum + subjects.length, 0);
  if (count > MOST_SUBJECTS)
    throw new Fault(
      "limits/exceeded",
      `the target names ${count} images; ${MOST_SUBJECTS} are checked at most`,
    );
  const alike = Map.groupBy(groups, ({ access }) => JSON.stringify(access));
  return [...alike.values()].map((each) => ({
    ...each[0]!,
    subjects: each.flatMap(({ subjects }) => subjects),
  }));
}

function imagesOf(
  object: TargetObject,
  { namespace: usual, workloads, ownDigests }: TargetScope,
): ImageGroup[] {
  const row = workloadPath(object, workloads);
  if (row === undefined) return [];
  const found = podImages(object.value, row);
  const namespace = object.namespace ?? usual;
  const who = `${printable(object.kind, 60)} "${printable(object.name, 80)}"`;
  const subjects = found.subjects
    .filter(({ image }) => !isOwn(image, ownDigests))
    .map(({ image, place }) => ({ image, place: `${who}, ${place}` }));
  return subjects.length === 0 ? [] : [{ namespace, access: { namespace, ...found.access }, subjects }];
}

function isOwn(image: string, ownDigests: readonly Digest[]): boolean {
  const parsed = parseImageRef(image);
  return parsed.ok && parsed.ref.digest !== undefined && ownDigests.includes(parsed.ref.digest);
}
