import { z } from "zod";

import { parseJson } from "../../core/index.ts";

const Line = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("begun"), id: z.int(), name: z.string() }),
  z.object({
    kind: z.literal("ended"),
    at: z.string(),
    id: z.int(),
    name: z.string(),
    outcome: z.enum(["opened", "updated", "moved", "failed", "unknown"]),
    why: z.string().exactOptional(),
    url: z.string().exactOptional(),
  }),
]);
/** A line of the journal: what a run is about to write, and how it ended. */
export type FleetLine = z.input<typeof Line>;

/** What a journal says. */
export interface FleetJournal {
  /** Repositories with a change that was begun and not ended. */
  readonly begun: ReadonlySet<number>;
  /** Lines that cannot be read, as the last one of a run that was killed. */
  readonly dropped: number;
}

/** Reads a journal, line by line. */
export async function readFleetJournal(lines: AsyncIterable<string>): Promise<FleetJournal> {
  const begun = new Set<number>();
  let dropped = 0;
  for await (const text of lines) {
    const line = readLine(text);
    if (line === undefined) dropped += 1;
    else if (line.kind === "begun") begun.add(line.id);
    else if (line.outcome === "opened" || line.outcome === "updated") begun.delete(line.id);
  }
  return { begun, dropped };
}

function readLine(text: string): z.output<typeof Line> | undefined {
  try {
    return Line.safeParse(parseJson(text)).data;
  } catch {
    return undefined;
  }
}
