import { type Bundle, bundleFromJSON } from "@sigstore/bundle";

import {
  ANNOTATIONS,
  type Attachment,
  COSIGN_SIGN,
  type Digest,
  fromProtobufJson,
  predicateHint,
} from "../../core/index.ts";
import { isObject, type JsonObject, parseJsonObject } from "../json.ts";
import { asRejected, Rejected } from "../rejected.ts";
import { checkBundleLimits } from "./bundle-limits.ts";
import type { Format } from "./format.ts";
import { claimOfPayload } from "./statement-claim.ts";

/** Sigstore bundles v0.1 to v0.3 (protobuf-specs sigstore_bundle.proto), as cosign 3 and GitHub attach them. */
export const bundle: Format = {
  presents: ({ annotations }) => {
    if (annotations[ANNOTATIONS.bundleContent] === "message-signature") return "signature";
    const hint = predicateHint(annotations);
    if (hint === undefined) return "unknown";
    return hint === COSIGN_SIGN ? "signature" : "attestation";
  },
  open: ({ bytes }: Attachment, subject: Digest) => {
    const opened = readBundle(parseJsonObject(bytes, "the bundle"));
    if (opened.content.$case !== "dsseEnvelope") {
      throw new Rejected("unsupported", "the bundle signs bytes, not a statement about an image");
    }
    const { payloadType, payload } = opened.content.dsseEnvelope;
    return { bundle: opened, claim: claimOfPayload(payloadType, payload, subject) };
  },
};

/** A bundle checked against the limits and its version's shape, in any spelling of its JSON. Throws Rejected. */
export function readBundle(json: JsonObject): Bundle {
  try {
    const spelled = fromProtobufJson(json);
    checkBundleLimits(isObject(spelled) ? spelled : {});
    return bundleFromJSON(spelled);
  } catch (error) {
    throw asRejected(error, "malformed");
  }
}
