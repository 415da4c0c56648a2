import { parseJson } from "../../core/index.ts";
import { keyOf } from "../inventory/lines.ts";
import { type AttestLine, PromoteRun, RecordLine } from "./lines.ts";

/** What a run that did not come to its end has done. */
export interface Unfinished {
  readonly done: ReadonlyMap<string, AttestLine>;
  /** Lines that cannot be read: what they were about is asked again. */
  readonly dropped: number;
}

/** All that a run is by, but when it began. */
const BY = Object.keys(PromoteRun.omit({ kind: true, version: true, at: true }).shape) as Exclude<
  keyof PromoteRun,
  "kind" | "version" | "at"
>[];

/**
 * What of a record still counts for a run: what the last one did, where it was by the same and did not come to its end. After
 * one that did, everything is asked again: since then, summaries may have been deleted, or have grown old.
 */
export async function unfinishedIn(lines: AsyncIterable<string>, run: PromoteRun): Promise<Unfinished> {
  const done = new Map<string, AttestLine>();
  let [dropped, isSame] = [0, false];
  for await (const written of lines) {
    const line = lineIn(written);
    if (line === undefined) dropped += 1;
    else if (line.kind === "promoted") done.clear();
    else if (line.kind === "promote") {
      isSame = BY.every((field) => line[field] === run[field]);
      if (!isSame) done.clear();
    } else if (isSame && line.outcome !== "unknown") done.set(keyOf(line), line);
  }
  return { done, dropped };
}

function lineIn(text: string): RecordLine | undefined {
  try {
    return RecordLine.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}
