import { z } from "zod";

import { Duration } from "../../core/index.ts";
import { WritableFolder } from "./setting-types.ts";

const MIB = 1024 * 1024;

/** The decision record: on standard output always, and in files where a folder is named. */
export const RecordSettings = z.strictObject({
  folder: WritableFolder.optional().describe(
    "A writable folder for files of the record, which last longer than the log and hold what a replay needs; none if absent. Replicas may share it.",
  ),
  fileMib: z.int().min(1).max(4096).default(64).describe("Size at which a file is followed by another, MiB."),
  folderMib: z
    .int()
    .min(2)
    .max(16_777_216)
    .default(1024)
    .describe("Maximum size of all files in the folder, MiB; the oldest are removed."),
  keep: Duration.prefault("30d").describe("Files that were last written to longer ago are removed."),
  userNames: z
    .union([z.literal("never"), Duration])
    .prefault("30d")
    .describe(
      "How long files name the users who asked. Older files have hashes instead. With `never` no name is written, on standard output either.",
    ),
});
/** See the schema of the same name. */
export type RecordSettings = z.output<typeof RecordSettings>;

/** Bytes of so many MiB. */
export function mib(count: number): number {
  return count * MIB;
}
