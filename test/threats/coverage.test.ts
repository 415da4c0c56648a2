import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { filesByNumber } from "./files.ts";
import { MUTANTS } from "./mutants/index.ts";
import { FAMILIES, OPEN_THREATS } from "./open-threats.ts";

function numbers(): string[] {
  const all: string[] = [];
  let next = 1;
  for (const [letter, last] of Object.entries(FAMILIES)) {
    for (; next <= last; next++) all.push(`${letter}${next}`);
  }
  return all;
}

describe("the known ways past an admission verifier", () => {
  const tests = filesByNumber();

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

  it.each([...tests.keys()])(
    "%s has a mutant that its test must notice, and the code that it changes",
    (number) => {
      const mutants = MUTANTS[number] ?? [];
      expect(mutants.length).toBeGreaterThan(0);
      for (const { file, from, to } of mutants) {
        expect([file, from, readFileSync(file, "utf8").split(from).length - 1]).toEqual([file, from, 1]);
        expect(to).not.toBe(from);
      }
    },
  );
});
