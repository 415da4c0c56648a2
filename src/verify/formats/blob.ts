import { type Attachment, type Digest, digestOf } from "../../core/index.ts";
import { parseJsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { isDigestOf } from "../sigstore/signed-content.ts";
import { readBundle } from "./bundle.ts";
import type { Format } from "./format.ts";

/** Where the signed bytes are: they are text, and come along with the bundle. */
const CONTENT = "dev.mc-gate.content";

/** A Sigstore bundle over bytes, as `cosign sign-blob` writes it. No registry is ever asked for this form. */
export const blob: Format = {
  presents: () => "signature",
  open: ({ bytes, annotations }: Attachment, subject: Digest) => {
    const artifact = Buffer.from(annotations[CONTENT] ?? "");
    if (digestOf(artifact) !== subject) throw new Rejected("malformed", "the signed bytes are not available");
    const bundle = readBundle(parseJsonObject(bytes, "the bundle"));
    if (bundle.content.$case !== "messageSignature") {
      throw new Rejected("unsupported", "the bundle signs a statement, not the bytes");
    }
    if (isDigestOf(bundle.content.messageSignature.messageDigest.digest, artifact))
      return { bundle, artifact, claim: { kind: "signature" } };
    throw new Rejected("wrong-subject", "the bundle is for other bytes");
  },
};
