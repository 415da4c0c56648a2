import { asFault, type Fault, type PullAccess, type Subject } from "../core/index.ts";
import { podImages, type WorkloadPath } from "../workloads/index.ts";
import { ownedObject, type OwnedObject } from "./owners.ts";

/** An object with a pod spec, as the webhook would read it. */
export interface Workload extends OwnedObject {
  /** The images that it names, or why they cannot be read: the webhook refuses that. */
  readonly images: readonly Subject[] | Pick<Fault, "code" | "message">;
  /** Whose pull secrets go with them. */
  readonly access: PullAccess;
  /** What is left to its pods. */
  readonly notes: readonly string[];
}

/** Reads an object of a kind. Throws ZodError where it has no name. */
export function readWorkload(value: unknown, row: WorkloadPath): Workload {
  const about = ownedObject(value, row);
  const { namespace } = about;
  try {
    const { subjects, access, notes } = podImages(value, row);
    const images = subjects.map(({ image, place }) => ({ image, place }));
    return { ...about, images, access: { namespace, ...access }, notes };
  } catch (error) {
    const { code, message } = asFault(error);
    return { ...about, images: { code, message }, access: { namespace }, notes: [] };
  }
}
