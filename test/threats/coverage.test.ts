import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";

import { describe, expect, it } from "vitest";

import { FAMILIES, OPEN_THREATS } from "./open-threats.ts";

const NAME = /^([a-i]\d+)-[a-z0-9-]+\.test\.ts$/;

function numbers(): string[] {
  const all: string[] = [];
  let next = 1;
  for (const [letter, last] of Object.entries(FAMILIES)) {
    for (; next <= last; next++) all.push(`${letter}${next}`);
  }
  return all;
}

function covered(): Map<string, string> {
  const files = globSync("test/{threats,e2e}/**/*.test.ts");
  const named = files.map((file) => [NAME.exec(basename(file))?.[1]?.toUpperCase(), file] as const);
  return new Map(named.filter((pair): pair is [string, string] => pair[0] !== undefined));
}

describe("the known ways past an admission verifier", () => {
  const tests = covered();

  it("are 66", () => {
    expect(numbers()).toHaveLength(66);
  });

  it.each(numbers())("%s has a test, or stands in the list of open numbers", (number) => {
    expect([tests.has(number), number in OPEN_THREATS]).toContain(true);
    expect(tests.has(number) && number in OPEN_THREATS).toBe(false);
  });

  it("have tests that say their number", () => {
    const silent = [...tests].filter(([number, file]) => !readFileSync(file, "utf8").includes(`"${number}`));
    expect(silent).toEqual([]);
  });

  it("are closed by an issue that is named", () => {
    expect(Object.values(OPEN_THREATS).every((title) => title.length > 10)).toBe(true);
  });
});
