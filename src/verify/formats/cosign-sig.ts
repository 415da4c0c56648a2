import { createHash } from "node:crypto";

import { ANNOTATIONS } from "../../core/index.ts";
import { readBundle } from "./bundle.ts";
import { legacyBundle } from "./cosign-legacy.ts";
import type { Format } from "./format.ts";
import { readSimpleSigning } from "./simple-signing.ts";

/** Layers of cosign's `.sig` tag: the blob is a simple-signing payload, the signature an annotation. */
export const cosignSig: Format = {
  presents: () => "signature",
  open: (attachment, subject) => {
    const artifact = Buffer.from(attachment.bytes);
    const dockerReference = readSimpleSigning(artifact, subject);
    const digest = createHash("sha256").update(artifact).digest("base64");
    const messageSignature = {
      messageDigest: { algorithm: "SHA2_256", digest },
      signature: attachment.annotations[ANNOTATIONS.signature] ?? "",
    };
    const bundle = readBundle(legacyBundle(attachment, { messageSignature }));
    return { bundle, artifact, claim: { kind: "signature", dockerReference } };
  },
};
