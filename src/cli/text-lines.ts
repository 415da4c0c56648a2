import { createReadStream } from "node:fs";

import { UsageError } from "../core/index.ts";

/** Of a journal's line; an image that the API of GitHub gives a thousand tags takes a tenth of it. */
const MAX_LINE = 1024 * 1024;

/**
 * The lines of a file, or of standard input for `-`, one after another, so that the memory does not grow with the file; empty
 * ones are left out. Throws UsageError where it cannot be read, or a line is longer than 1 MiB.
 */
export async function* textLines(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of chunksOf(file)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE)
      throw new UsageError(`${file} has a line of more than ${MAX_LINE} characters`);
    yield* lines.filter((line) => line !== "");
  }
  if (rest !== "") yield rest;
}

async function* chunksOf(file: string): AsyncGenerator<string> {
  const stream = file === "-" ? process.stdin : createReadStream(file);
  stream.setEncoding("utf8");
  try {
    for await (const chunk of stream) yield String(chunk);
  } catch (error) {
    throw new UsageError(
      `cannot read ${file}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}
