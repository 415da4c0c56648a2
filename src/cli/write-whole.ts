import {
  chmodSync,
  closeSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";

/**
 * Puts a text in the place of a file in one step: whoever reads, and whatever stops the program, sees the old one or the
 * new one. A symbolic link stays one, and the file keeps its rights.
 */
export function writeWhole(file: string, text: string): void {
  const target = realpathSync(file);
  const temporary = `${target}.${process.pid}.mc-write`;
  const handle = openSync(temporary, "wx", 0o600);
  try {
    writeFileSync(handle, text);
    fsyncSync(handle);
    chmodSync(temporary, statSync(target).mode);
    renameSync(temporary, target);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(handle);
  }
}
