import { readFileSync } from "node:fs";
import { styleText } from "node:util";

import { UsageError } from "../core/index.ts";

type Style = "bold" | "dim" | "green" | "red" | "yellow";

/** Data for stdout, a line end added. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Words for people on stderr. */
export function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

/** Text in a colour where stdout is a terminal and NO_COLOR is not set. */
export function colour(style: Style, text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

/** A file's text; `-` is standard input. Throws UsageError where it cannot be read. */
export function readText(path: string): string {
  if (/^https?:\/\//.test(path))
    throw new UsageError(`${path} is an address; pipe it in: curl --fail URL | mc … -`);
  try {
    return readFileSync(path === "-" ? 0 : path, "utf8");
  } catch (error) {
    throw new UsageError(
      `cannot read ${path}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}

/** Rows as kubectl prints them: two spaces between columns, no lines. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, at) => cell.padEnd(widths[at]!))
      .join("  ")
      .trimEnd();
  return [header, ...rows].map(line).join("\n");
}
