import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const FILE = "test/fixtures/waivers/faults.yaml";
const TEXT = readFileSync(FILE, "utf8");

interface Told {
  readonly line: number;
  readonly column: number;
  readonly rule: string;
  readonly path: string;
}

/** `[first line, last line, code]` of each entry, by the comments of the file. */
function sections(): (readonly [from: number, to: number, code: string])[] {
  const lines = TEXT.split("\n");
  const heads = lines.flatMap((line, at) => {
    const code = /^ *# ([a-z-]+)(?::.*)?$/.exec(line)?.[1];
    return code === undefined ? [] : [{ code, from: at + 1 }];
  });
  return heads.map(({ code, from }, at) => [from, heads[at + 1]?.from ?? lines.length + 1, code] as const);
}

describe("mc waivers lint", { timeout: 60_000 }, () => {
  let folder: McFolder;
  let told: readonly Told[];
  beforeAll(async () => {
    folder = mcFolder();
    const { stdout } = await folder.mc(["waivers", "lint", resolve(FILE), "-o", "json"]);
    told = (JSON.parse(stdout) as { problems: Told[] }).problems;
  });
  afterAll(() => folder.remove());

  it("reports every fault of a file of more than twenty, each by a code of its own", () => {
    const codes = new Set(told.map(({ rule }) => rule));
    expect(codes.size).toBeGreaterThanOrEqual(25);
    expect(sections().length).toBeGreaterThanOrEqual(30);
    for (const [from, to, code] of sections()) {
      const here = told.filter(({ line }) => line >= from && line < to).map(({ rule }) => rule);
      expect([from, here]).toEqual([from, code === "sound" ? [] : [code]]);
    }
  });

  it("points at the value that is wrong, or at the entry where one is missing", () => {
    const lines = TEXT.split("\n");
    const pointed = told.map(({ line, column, rule }) => `${rule}: ${lines[line - 1]!.slice(column - 1)}`);
    expect(pointed).toEqual([
      'bad-id: "WA 1"',
      "unknown-class: everything",
      "bad-digest: sha256:deadbeef",
      "bad-image: nginx:1.27",
      'bad-namespace: "team-*"]',
      "bad-reason: because",
      'bad-person: ""]',
      'bad-instant: "2026-11-24 09:00"',
      "bad-duration: a week",
      "bad-nanoseconds: 9007199254740993",
      "unknown-key: tikcet: SEC-1",
      "missing-key: id: WA-12",
      "wrong-type: CVE-2026-1",
      "duplicate-key: ttl: 5d",
      "no-owner: id: WA-15",
      "owner-twice: [team-shop]",
      "no-end: id: WA-17",
      'ends-before-it-starts: "2026-11-23T09:00:00Z"',
      "too-long: 8d",
      "no-id: class: signature",
      "no-class: id: WA-21",
      "no-reason: id: WA-22",
      "no-findings: vulnerability",
      "findings-of-another-class: [CVE-2026-1]",
      'self-approved: - { by: Ana, seat: devsecops, at: "2026-11-24T08:00:00Z" }',
      'approved-twice: - { by: sam, seat: devsecops, at: "2026-11-24T08:00:00Z" }',
      'not-approved: - { by: sam, seat: devsecops, at: "2026-11-24T08:00:00Z" }',
      "renews-itself: WA-28",
      "duplicate-id: WA-29",
      "duplicate-id: WA-29",
      "renewed-too-often: WA-32",
      "unknown-key: owner: security",
    ]);
  });

  it("prints file, line, column and code for editors", async () => {
    const { code, stdout, stderr } = await folder.mc(["waivers", "lint", "-"], TEXT);
    expect(code).toBe(10);
    const lines = stdout.trimEnd().split("\n");
    expect(lines).toHaveLength(told.length);
    expect(lines[1]).toMatch(/^-:13:12: waivers\[1\]\.class: .+ \[unknown-class\]$/);
    expect(stderr).toBe(`${told.length} problem(s).\n`);
  });

  it("goes on behind an alias, too", async () => {
    const text = "waivers:\n  - &a { id: WA-1 }\n  - *a\n";
    const { code, stdout } = await folder.mc(["waivers", "lint", "-"], text);
    expect(code).toBe(10);
    expect(stdout).toContain("-:3:5: An alias");
    expect(stdout.match(/missing-key/g)).toHaveLength(4);
  });

  it("exits 0 where nothing is wrong, and 12 where there is nothing to read", async () => {
    expect(await folder.mc(["waivers", "lint", "-"], "waivers: []")).toMatchObject({ code: 0 });
    expect(await folder.mc(["waivers", "lint", "none.yaml"])).toMatchObject({ code: 12 });
  });
});

/** One that counts from 24 November on. */
function waiver(id: string, ttl: string): object {
  return {
    id,
    class: "signature",
    digest: `sha256:${"ab".repeat(32)}`,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T10:00:00Z",
    ttl,
  };
}

describe("mc waivers lint --strict", { timeout: 60_000 }, () => {
  let folder: McFolder;
  beforeAll(() => {
    folder = mcFolder();
    folder.write(
      "w.yaml",
      `waivers:\n  - ${JSON.stringify(waiver("a", "1d"))}\n  - ${JSON.stringify(waiver("b", "2d"))}\n`,
    );
  });
  afterAll(() => folder.remove());

  it.each([
    ["2026-11-25T09:59:59Z", []],
    ["2026-11-25T10:00:00Z", [["a", 2]]],
    [
      "2026-11-26T10:00:00Z",
      [
        ["a", 2],
        ["b", 3],
      ],
    ],
  ])("at %s refuses what has ended: %j", async (at, ended) => {
    const { code, stdout } = await folder.mc([
      "waivers",
      "lint",
      "--strict",
      "--at",
      at,
      "w.yaml",
      "-o",
      "json",
    ]);
    const { problems } = JSON.parse(stdout) as {
      problems: { message: string; line: number; rule: string }[];
    };
    expect(code).toBe(ended.length === 0 ? 0 : 10);
    expect(problems.map(({ message, line }) => [message[0], line])).toEqual(ended);
    expect(new Set(problems.map(({ rule }) => rule))).toEqual(new Set(ended.length === 0 ? [] : ["expired"]));
  });

  it("takes them without it, as ever", async () => {
    expect(await folder.mc(["waivers", "lint", "--at", "2026-12-24T10:00:00Z", "w.yaml"])).toMatchObject({
      code: 0,
    });
  });
});
