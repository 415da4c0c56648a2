import { parseJsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { readBundle } from "./bundle.ts";
import { legacyBundle } from "./cosign-legacy.ts";
import type { Format } from "./format.ts";
import { claimOfPayload } from "./statement-claim.ts";

/** Layers of cosign's `.att` tag: the blob is a DSSE envelope; the annotations' predicate type is an unsigned hint. */
export const cosignAtt: Format = {
  presents: () => "attestation",
  open: (attachment, subject) => {
    const dsseEnvelope = parseJsonObject(attachment.bytes, "the envelope");
    const bundle = readBundle(legacyBundle(attachment, { dsseEnvelope }));
    if (bundle.content.$case !== "dsseEnvelope")
      throw new Rejected("malformed", "the layer holds no envelope");
    const { payloadType, payload } = bundle.content.dsseEnvelope;
    return { bundle, claim: claimOfPayload(payloadType, payload, subject) };
  },
};
