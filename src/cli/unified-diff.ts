import {
  FILE_HEADERS_ONLY,
  formatPatch,
  OMIT_HEADERS,
  structuredPatch,
  type StructuredPatch,
  type StructuredPatchHunk,
} from "diff";

import type { Splice } from "../documents/index.ts";

const CONTEXT = 3;
/** Lines that differ above which a whole text is shown as replaced: finding the shortest diff takes their square. */
const MAX_EDITS = 1000;

/** What one edit replaces in a text, and what it is called. */
export interface LabelledEdit {
  readonly label: string;
  readonly splices: readonly Splice[];
}

export interface Changed {
  readonly before: string;
  readonly after: string;
  /** Edits whose names the hunks carry. */
  readonly edits?: readonly LabelledEdit[];
}

/** The change of a file as a unified diff, which `git apply` and `patch` take; empty where nothing changes. */
export function unifiedDiff(file: string, { before, after, edits = [] }: Changed): string {
  const patch = patchOf(file, before, after);
  if (patch.hunks.length === 0) return "";
  const hunks = patch.hunks.map((hunk) => {
    const [header, ...lines] = formatPatch({ ...patch, hunks: [hunk] }, OMIT_HEADERS).split("\n");
    return [`${header!} ${labelsIn(hunk, before, edits)}`.trimEnd(), ...lines].join("\n");
  });
  return [formatPatch({ ...patch, hunks: [] }, FILE_HEADERS_ONLY), ...hunks].join("").replace(/\n$/, "");
}

function patchOf(file: string, before: string, after: string): StructuredPatch {
  const options = { context: CONTEXT, maxEditLength: MAX_EDITS };
  const shortest = structuredPatch(file, file, before, after, undefined, undefined, options);
  if (shortest !== undefined) return shortest;
  const { hunks, ...names } = structuredPatch(file, file, before, "");
  const [gone, come] = [hunks[0]!, structuredPatch(file, file, "", after).hunks[0]!];
  const whole = { ...gone, newStart: 1, newLines: come.newLines, lines: [...gone.lines, ...come.lines] };
  return { ...names, hunks: [whole] };
}

/** Names of the edits that begin in the lines of a hunk. */
function labelsIn(
  { oldStart, oldLines }: StructuredPatchHunk,
  before: string,
  edits: readonly LabelledEdit[],
): string {
  const within = edits.filter(({ splices }) => {
    const line = before.slice(0, Math.min(...splices.map(({ from }) => from))).split("\n").length;
    return oldStart <= line && line <= oldStart + oldLines;
  });
  return within.map(({ label }) => label).join(", ");
}
