import { randomUUID } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";

import { UsageError } from "../core/index.ts";

/**
 * Replaces a file with a text in one step: whatever stops the program, readers see the old text or the new one. It keeps its rights. `file` is not a link, which would be replaced. Throws UsageError for a file with hard
 * links, which would be parted.
 */
export function writeWhole(file: string, text: string): void {
  const before = statSync(file);
  if (before.nlink > 1)
    throw new UsageError(
      `${file} has ${before.nlink} hard links, which replacing the file would separate; copy it first`,
    );
  const temporary = `${file}.${process.pid}-${randomUUID()}.mc-write`;
  const handle = openSync(temporary, "wx", 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
    keepRights(temporary, before);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}

/** Mode, and the owner where that can be given away; the owner first, since a change of it may clear bits of the mode. */
function keepRights(file: string, { mode, uid, gid }: Stats): void {
  if (process.getuid?.() === 0) chownSync(file, uid, gid);
  chmodSync(file, mode);
}
