import type { AttachmentForm } from "../../core/index.ts";
import { blob } from "./blob.ts";
import { bundle } from "./bundle.ts";
import { cosignAtt } from "./cosign-att.ts";
import { cosignSig } from "./cosign-sig.ts";
import type { Format } from "./format.ts";

export type { Claim, Opened } from "./format.ts";
export { readBundle } from "./bundle.ts";

/** Every way of storing signatures. To add one, add a file next to this one and a line here. */
export const FORMATS: Readonly<Record<AttachmentForm, Format>> = {
  blob,
  bundle,
  "cosign-sig": cosignSig,
  "cosign-att": cosignAtt,
};
