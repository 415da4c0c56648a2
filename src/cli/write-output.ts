import { realpathSync, statSync, writeFileSync } from "node:fs";

import { writeWhole } from "./write-whole.ts";

/** Writes a file that a command was told to, in one step, whether it is there or not. A link is followed. */
export function writeOutput(file: string, text: string): void {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) writeFileSync(file, "", { flag: "wx" });
  writeWhole(realpathSync(file), text);
}
