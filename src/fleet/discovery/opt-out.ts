import { z } from "zod";

import { Instant, type Parsed } from "../../core/index.ts";
import { readDocument } from "../../documents/index.ts";

/** Where a repository says that it stays out, for its team to see. */
export const OPT_OUT_FILE = ".github/mc-opt-out.yaml";

/** A repository that stays out, by whom and until when. */
const OptOut = z.strictObject({
  owner: z.string().min(1).max(100),
  reason: z.string().min(1).max(500),
  until: Instant,
});
/** See the schema of the same name. */
export type OptOut = z.output<typeof OptOut>;

const OptOutList = z.strictObject({
  optOuts: z.array(OptOut.extend({ repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/) })).max(10_000),
});
/** Opt-outs by repository. */
export type OptOutList = z.output<typeof OptOutList>["optOuts"];

/** Reads a repository's own file. */
export function readOptOut(text: string): Parsed<OptOut> {
  return readDocument(text, OptOut);
}

/** Reads the list of an organisation. */
export function readOptOutList(text: string): Parsed<OptOutList> {
  const read = readDocument(text, OptOutList);
  return read.ok ? { ok: true, value: read.value.optOuts } : read;
}
