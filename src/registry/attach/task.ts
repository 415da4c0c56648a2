import type { PinnedImage } from "../../core/index.ts";
import type { Content } from "../content.ts";
import type { RegistryLimits } from "../settings.ts";
import type { WritableSource } from "../source.ts";

/** One image whose repository is written to, and for how long it may be asked. */
export interface WriteTask {
  readonly image: PinnedImage;
  readonly source: WritableSource;
  readonly content: Content;
  readonly limits: RegistryLimits;
  readonly signal: AbortSignal;
}
