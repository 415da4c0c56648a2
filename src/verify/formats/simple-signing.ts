import type { Digest } from "../../core/index.ts";
import { isObject, parseJsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";

const TYPE = "cosign container image signature";
const MAX_REFERENCE = 512;

/**
 * Reads cosign's simple-signing payload and holds it to the digest asked for. Returns the repository that the signer
 * named, if any. Throws Rejected. Source: cosign specs/SIGNATURE_SPEC.md, "Payload".
 */
export function readSimpleSigning(payload: Uint8Array, subject: Digest): string | undefined {
  const { critical } = parseJsonObject(payload, "the simple-signing payload");
  if (!isObject(critical) || !isObject(critical["image"])) {
    throw new Rejected("malformed", "the simple-signing payload names no image");
  }
  if (critical["type"] !== TYPE)
    throw new Rejected("malformed", "the simple-signing payload has another type");
  if (critical["image"]["docker-manifest-digest"] !== subject) {
    throw new Rejected("wrong-subject", "the signature is for a digest other than the requested one");
  }
  const reference = isObject(critical["identity"]) ? critical["identity"]["docker-reference"] : undefined;
  if (typeof reference !== "string" || reference === "") return undefined;
  if (reference.length > MAX_REFERENCE) throw new Rejected("too-large", "the docker-reference is too long");
  return reference;
}
