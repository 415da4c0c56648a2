import type { PinnedImage } from "../../core/index.ts";
import type { Judgement, LegacyLink } from "./state-of.ts";

/** Asks the gate about an image, as every other caller does. Never rejects but where the signal aborts. */
export type JudgePort = (image: PinnedImage, signal: AbortSignal) => Promise<Judgement>;

/**
 * What links an image to the run that built it; undefined where the records do not agree. Rejects with Faults where they
 * cannot be read.
 */
export type LegacyPort = (image: PinnedImage, signal: AbortSignal) => Promise<LegacyLink | undefined>;

/** A journal that is written to. */
export interface JournalPort {
  /** Appends one line, whole, before it returns. */
  readonly append: (line: object) => void;
}
