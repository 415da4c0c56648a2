import { z } from "zod";

import { Fault, printable, type Subject } from "../core/index.ts";
import { podImages, type PodImages, type WorkloadPath, workloadPath } from "../workloads/index.ts";
import type { AdmissionRequest } from "./review.ts";

/** What a request brings in. */
export interface NewImages extends Pick<PodImages, "access" | "notes"> {
  readonly subjects: readonly Subject[];
}

const NOTHING: NewImages = { subjects: [], access: {}, notes: [] };
/** The subresources through which an image can enter; through the others (status, scale, …) none can. */
const JUDGED_SUBRESOURCES: readonly string[] = ["", "ephemeralcontainers"];

const BeingDeleted = z.object({ metadata: z.object({ deletionTimestamp: z.string().min(1) }) });

/**
 * The images that a request brings in. On UPDATE only those that the old object did not name anywhere; an object that
 * is already being deleted, by the old object's word, can have its finalizers removed whatever it names. Throws Fault
 * review/invalid for a kind that no row knows: an unread object is not an empty one.
 */
export function newImages(request: AdmissionRequest, configured: readonly WorkloadPath[]): NewImages {
  const { kind, operation, object, oldObject, subResource } = request;
  if (operation === "DELETE" || operation === "CONNECT") return NOTHING;
  if (!JUDGED_SUBRESOURCES.includes(subResource)) return NOTHING;
  const row = workloadPath(kind, configured);
  if (row === undefined) {
    throw new Fault(
      "review/invalid",
      `no path to a pod spec is configured for ${printable(`${kind.group}/${kind.kind}`, 120)}`,
    );
  }
  if (operation === "CREATE") return without(podImages(object, row), undefined);
  if (BeingDeleted.safeParse(oldObject).success) return NOTHING;
  return without(podImages(object, row), knownImages(oldObject, row));
}

/** What the old object did not name or leave to its pods already, fit to be kept while the object is not. */
function without({ subjects, access, notes }: PodImages, known: PodImages | undefined): NewImages {
  const images = new Set(known?.subjects.map(({ image }) => image));
  return {
    access,
    subjects: subjects
      .filter(({ image }) => !images.has(image))
      .map(({ image, place, advice }) => ({ image, place, ...(advice !== undefined && { advice }) })),
    notes: notes.filter((note) => known?.notes.includes(note) !== true),
  };
}

/** What the old object names; an old object that cannot be read vouches for nothing. */
function knownImages(oldObject: unknown, row: WorkloadPath): PodImages | undefined {
  try {
    return podImages(oldObject, row);
  } catch {
    return undefined;
  }
}
