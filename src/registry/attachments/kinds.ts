import type { AttachmentForm } from "../../core/index.ts";
import type { Descriptor, Manifest } from "../descriptors.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle";
const SIMPLE_SIGNING = "application/vnd.dev.cosign.simplesigning.v1+json";
const COSIGN_ARTIFACT = "application/vnd.dev.cosign.artifact.sig.v1+json";
const DSSE = "application/vnd.dsse.envelope.v1+json";
const NOTATION = "application/vnd.cncf.notary.signature";
const EMPTY = "application/vnd.oci.empty.v1+json";

/** What announces evidence: the media type of a layer, the artifact type of a referrer, and the form that each then has. */
const ANNOUNCED: readonly {
  readonly type: string;
  /** Versions of the type follow it. */
  readonly isVersioned?: true;
  readonly layer?: AttachmentForm;
  readonly referrer?: AttachmentForm;
}[] = [
  { type: BUNDLE, isVersioned: true, layer: "bundle", referrer: "bundle" },
  { type: SIMPLE_SIGNING, layer: "cosign-sig" },
  { type: DSSE, layer: "cosign-att" },
  { type: COSIGN_ARTIFACT, referrer: "cosign-sig" },
];

function announcedBy(stated: string): (typeof ANNOUNCED)[number] | undefined {
  return ANNOUNCED.find(({ type, isVersioned }) => (isVersioned ? stated.startsWith(type) : stated === type));
}

/** The form of evidence that a layer of this media type may hold; undefined where it is none that is known. */
export function formOfLayer(mediaType: string): AttachmentForm | undefined {
  return announcedBy(mediaType)?.layer;
}

/** The form that a referrer's descriptor suggests: only for what is said about it, never for what is read. */
export function formOfReferrer({ artifactType = EMPTY }: Descriptor): AttachmentForm {
  return announcedBy(artifactType)?.referrer ?? "bundle";
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
  if (announcedBy(artifactType)?.referrer !== undefined) return 0;
  return artifactType === EMPTY || artifactType === "" ? 1 : 2;
}
