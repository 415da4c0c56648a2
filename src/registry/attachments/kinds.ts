import { announcedForm, type AttachmentForm } from "../../core/index.ts";
import type { Descriptor, Manifest } from "../descriptors.ts";

const NOTATION = "application/vnd.cncf.notary.signature";
const EMPTY = "application/vnd.oci.empty.v1+json";

/** The form of evidence that a layer of this media type may hold; undefined where it is none that is known. */
export function formOfLayer(mediaType: string): AttachmentForm | undefined {
  return announcedForm("layer", mediaType);
}

/** The form that a referrer's descriptor suggests: only for what is said about it, never for what is read. */
export function formOfReferrer({ artifactType = EMPTY }: Descriptor): AttachmentForm {
  return announcedForm("referrer", artifactType) ?? "bundle";
}

/** Whether something presents itself as a Notation signature, which the gate does not verify. */
export function isNotation(artifactType: string | undefined): boolean {
  return artifactType === NOTATION;
}

/** What a manifest says it is; clients before OCI 1.1 said so by the config's media type. */
export function artifactTypeOf({ artifactType, config }: Pick<Manifest, "artifactType" | "config">): string {
  return artifactType ?? config.mediaType;
}

/**
 * In which order referrers are read: 0 says it is Sigstore's, 1 says nothing (many clients and registries list
 * everything as `oci.empty`), 2 says it is something else, and is read nevertheless as far as there is room.
 */
export function rankOfReferrer({ artifactType = EMPTY }: Descriptor): 0 | 1 | 2 {
  if (announcedForm("referrer", artifactType) !== undefined) return 0;
  return artifactType === EMPTY || artifactType === "" ? 1 : 2;
}
