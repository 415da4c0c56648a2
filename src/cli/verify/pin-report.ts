import { jsonAnswer } from "../json-answer.ts";
import type { NotLookedAt } from "../targets.ts";

/** What became of one image. */
export interface PinResult {
  /** Absent for an image of the command line. */
  readonly file?: string;
  /** Line on which it is, from 1. */
  readonly line?: number;
  /** As written. */
  readonly image: string;
  /** Whether it is named by digest now. */
  readonly isPinned: boolean;
  /** With its digest, where that is known. */
  readonly reference?: string;
  /** Why it is not pinned, and what to do: one clause. Absent where nothing was looked up. */
  readonly why?: string;
}

/** The answer as stable JSON; docs/reference/cli.md describes it. */
export function pinJson(results: readonly PinResult[], notLookedAt: readonly NotLookedAt[]): string {
  const all = results.map(({ isPinned, ...each }) => ({ ...each, pinned: isPinned }));
  return jsonAnswer({ results: all, notLookedAt });
}

/** A line for each image that was pinned or is not; undefined where it was pinned before. */
export function pinLine({ file, line, image, isPinned, reference, why }: PinResult): string | undefined {
  const at = file === undefined ? "" : `${file}:${line}: `;
  if (!isPinned) return `${at}${image}${why === undefined ? "" : `: ${why}`}`;
  if (reference === undefined) return undefined;
  return file === undefined ? reference : `${file}: ${reference}`;
}
