import { describe, expect, it } from "vitest";

import { createLog } from "./logs.ts";

function written(level: "info" | "warn" | "error"): string[] {
  const lines: string[] = [];
  const log = createLog({ level }, { write: (line) => lines.push(line) });
  log.info("a");
  log.warn("b");
  log.error("c");
  return lines.map((line) => {
    const { level: word, msg } = JSON.parse(line) as { level: unknown; msg: string };
    return `${String(word)} ${msg}`;
  });
}

describe("the server's log", () => {
  it.each([
    ["info", ["info a", "warn b", "error c"]],
    ["warn", ["warn b", "error c"]],
    ["error", ["error c"]],
  ] as const)("at level %s has lines of that level and above", (level, lines) => {
    expect(written(level)).toEqual(lines);
  });
});
