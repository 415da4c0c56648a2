import type { Place } from "../documents/index.ts";

/** What it does to the imported policy that something could not be carried over. */
export const EFFECTS = {
  weaker: "without it, something would pass that the original refuses",
  stricter: "something is refused that the original admits",
  differs: "it is decided differently; neither plainly stricter nor weaker",
  none: "it changes no verdict",
} as const;
/** One of EFFECTS. */
export type Effect = keyof typeof EFFECTS;

/** One thing of a foreign document that could not be carried over as it is. */
export interface Incompatibility extends Place {
  /** `spec.authorities[0].key.kms`, below the name of its document. */
  readonly path: string;
  readonly effect: Effect;
  /** What is there, and what was done about it. */
  readonly why: string;
}

/** A path in a foreign document. */
export type Path = readonly (string | number)[];

/** A path for people. */
export function pathText(path: Path): string {
  return path
    .map((part, at) => (typeof part === "number" ? `[${part}]` : `${at > 0 ? "." : ""}${part}`))
    .join("");
}
