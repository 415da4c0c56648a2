import { describe, expect, it } from "vitest";

import { createLogs } from "./logs.ts";

function written(level: "info" | "warn" | "error"): string[] {
  const lines: string[] = [];
  const { log, decisions } = createLogs({ level }, { write: (line) => lines.push(line) });
  log.info("a");
  log.warn("b");
  log.error("c");
  decisions.info("decision");
  return lines.map((line) => {
    const { level: word, msg } = JSON.parse(line) as { level: unknown; msg: string };
    return `${String(word)} ${msg}`;
  });
}

describe("the server's log", () => {
  it.each([
    ["info", ["info a", "warn b", "error c", "info decision"]],
    ["warn", ["warn b", "error c", "info decision"]],
    ["error", ["error c", "info decision"]],
  ] as const)("at level %s has lines of that level and above, and every decision", (level, lines) => {
    expect(written(level)).toEqual(lines);
  });
});
