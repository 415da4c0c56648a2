import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { declarationsOf, filesOf, sampleOf } from "../mutation/declarations.ts";
import { LINES_VARIABLE, strykerPlugins } from "../mutation/line-reporter.ts";
import { readOptions } from "../mutation/options.ts";
import { addLines, digestOfFile, type Line, readLines } from "../mutation/results.ts";
import { scoreOf, survivorsOf } from "../mutation/score.ts";

const folder = mkdtempSync(join(tmpdir(), "mc-mutation-test-"));
const source = join(folder, "source.ts");
const results = join(folder, "results", "gate.jsonl");

beforeAll(() => writeFileSync(source, 'const a = 1;\nconst b = "no one";\n'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function mutant(range: string, status?: string): Line {
  const mutator = range.startsWith("2") ? "StringLiteral" : "NumberLiteral";
  const of = digestOfFile(source)!;
  return { file: source, range, mutator, replacement: '""', of, ...(status !== undefined && { status }) };
}

/** As Stryker counts in results. */
function counted({ line, column }: { readonly line: number; readonly column: number }) {
  return { line: line + 1, column: column + 1 };
}

describe("mutation testing", () => {
  it("mutates every file but tests, by declarations that the seed picks", () => {
    expect(filesOf("gate")).toContain("src/gate/decide.ts");
    expect(filesOf("gate").some((file) => file.endsWith(".test.ts"))).toBe(false);
    const all = declarationsOf("gate");
    expect(all.length).toBeGreaterThan(50);
    const [first, again, other] = [sampleOf(all, 5, 1), sampleOf(all, 5, 1), sampleOf(all, 5, 2)];
    expect(first).toHaveLength(5);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it("keeps what was tried: the last word on each mutant, over a line that was cut off", () => {
    addLines(results, [mutant("1:10-1:11"), mutant("2:10-2:18"), mutant("1:0-1:5")]);
    addLines(results, [mutant("1:10-1:11", "Survived"), mutant("2:10-2:18", "Survived")]);
    addLines(results, [mutant("1:10-1:11", "Killed"), mutant("1:10-1:11")]);
    appendFileSync(results, '{"file":"cut of');
    expect(readLines(results).map(({ range, status }) => [range, status])).toEqual([
      ["1:10-1:11", "Killed"],
      ["2:10-2:18", "Survived"],
      ["1:0-1:5", undefined],
    ]);
  });

  it("gives the score and names what no test noticed", () => {
    const lines = readLines(results);
    expect(scoreOf(lines)).toBe(
      "50.0 % of 2: 1 killed, 0 timeouts, 1 survived (1 texts), 0 without a test (0 ignored, 1 not tried yet)",
    );
    expect(survivorsOf(lines)).toEqual([`${source}:2  StringLiteral: "no one" → ""\n`]);
    expect(scoreOf([])).toContain("no score");
  });

  it("forgets what was tried of a file that has changed", () => {
    writeFileSync(source, "const a = 2;\n");
    expect(readLines(results)).toEqual([]);
  });

  it("writes a mutant down by the same range before it is tried and after, though Stryker counts differently", () => {
    const file = join(folder, "reported.jsonl");
    process.env[LINES_VARIABLE] = file;
    const reporter = new strykerPlugins[0]!.injectableClass();
    const common = { fileName: source, mutatorName: "NumberLiteral", replacement: "0" };
    const [start, end] = [
      { line: 0, column: 10 },
      { line: 0, column: 11 },
    ];
    reporter.onMutationTestingPlanReady({
      mutantPlans: [{ mutant: { ...common, location: { start, end } } }],
    });
    reporter.onMutantTested({
      ...common,
      location: { start: counted(start), end: counted(end) },
      status: "Killed",
    });
    delete process.env[LINES_VARIABLE];
    expect(readLines(file).map(({ range, status }) => [range, status])).toEqual([["1:10-1:11", "Killed"]]);
  });

  it("refuses folders and numbers that it does not know", () => {
    expect(readOptions(["--only", "gate", "--minutes", "3"])).toMatchObject({
      folders: ["gate"],
      minutes: 3,
    });
    expect(() => readOptions(["--only", "kube"])).toThrow("no folder kube");
    expect(() => readOptions(["--sample", "few"])).toThrow("few is no whole number");
  });
});
