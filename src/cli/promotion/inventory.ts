import { EXIT, type ExitCode } from "../../core/index.ts";
import type { InventoryEnd } from "../../promotion/index.ts";
import { say } from "../terminal.ts";
import { openInventory, type SourceOptions } from "./open-inventory.ts";
import { interruptible, printLine } from "./print-lines.ts";

/** `mc inventory`: prints a line for each image as it is found. */
export async function printInventory(options: SourceOptions): Promise<ExitCode> {
  const { signal, release } = interruptible("interrupted; what was printed is not all");
  const opened = await openInventory(options, { signal, now: new Date() });
  try {
    let end: InventoryEnd | undefined;
    for await (const line of opened.lines) {
      await printLine(line);
      if (line.kind === "unseen") say(`Not seen: ${line.what}: ${line.why}.`);
      if (line.kind === "end") end = line;
    }
    return ended(end!);
  } finally {
    release();
    await opened.close();
  }
}

/** An inventory that saw nothing says nothing of what exists. */
function ended({ images, undated, older, attachments, missed }: InventoryEnd): ExitCode {
  say(
    `${images} image(s), ${undated} without a time; ${older} older ones and ${attachments} attachment(s) left out; ${missed} thing(s) missed.`,
  );
  return missed > 0 || images + older === 0 ? EXIT.unknown : EXIT.allowed;
}
