import { z } from "zod";

import { Fault, printable } from "../core/index.ts";
import { type WorkloadPath, workloadPath } from "./podspecs.ts";
import type { AdmissionRequest } from "./review.ts";
import { type PodImages, podImages } from "./subjects.ts";

const NOTHING: PodImages = { subjects: [], access: {} };
/** The subresources through which an image can enter; through the others (status, scale, …) none can. */
const JUDGED_SUBRESOURCES: readonly string[] = ["", "ephemeralcontainers"];

const BeingDeleted = z.object({ metadata: z.object({ deletionTimestamp: z.string().min(1) }) });

/**
 * The images that a request brings in. On UPDATE only those that the old object did not name anywhere; an object that
 * is already being deleted, by the old object's word, can have its finalizers removed whatever it names. Throws Fault
 * review/invalid for a kind that no row knows: an unread object is not an empty one.
 */
export function newImages(request: AdmissionRequest, configured: readonly WorkloadPath[]): PodImages {
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
  if (operation === "CREATE") return podImages(object, row);
  if (BeingDeleted.safeParse(oldObject).success) return NOTHING;
  const now = podImages(object, row);
  const known = knownImages(oldObject, row);
  return { ...now, subjects: now.subjects.filter(({ image }) => !known.has(image)) };
}

/** Images of the old object; an old object that cannot be read vouches for none. */
function knownImages(oldObject: unknown, row: WorkloadPath): ReadonlySet<string> {
  try {
    return new Set(podImages(oldObject, row).subjects.map(({ image }) => image));
  } catch {
    return new Set();
  }
}
