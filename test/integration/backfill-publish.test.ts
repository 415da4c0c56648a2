import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { parseRevocations } from "../../src/revocations/index.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const BEFORE = "# who keeps this file: security\nrevocations: [] # none\n";

let folder: McFolder;

beforeEach(() => {
  folder = mcFolder();
  folder.write("r.yaml", BEFORE);
});
afterEach(() => folder.remove());

function lineOf(name: string, more: object = {}): object {
  const image = { repository: "ghcr.io/acme/app", digest: digestOf(name), tags: [], children: [] };
  const rest = { clock: "none", sources: ["images"], state: "non-promotable", running: 0 };
  const reasons = [{ code: "provenance/missing", message: "none" }];
  return { kind: "judged", ...image, ...rest, reasons, at: "2026-11-30T10:00:00Z", ...more };
}

function journal(lines: readonly object[], more: object = {}, by: object = {}): void {
  const judgedBy = { policy: "p", revocations: "r", namespace: "default" };
  const run = { kind: "run", version: 1, ...judgedBy, at: "2026-11-30T10:00:00Z", ...by };
  const sums = {
    kind: "sums",
    population: lines.length,
    states: counts(lines.length),
    older: 0,
    missed: 0,
    at: run.at,
  };
  const all = [run, ...lines, { ...sums, ...more }];
  folder.write("journal.jsonl", all.map((each) => `${JSON.stringify(each)}\n`).join(""));
}

/** The sums of a journal with so many bad images. */
function counts(bad: number): object {
  const none = { promotable: 0, "promotable-rebuilt": 0, "legacy-linked": 0, unknown: 0 };
  return { ...none, "non-promotable": bad };
}

function publish(...more: readonly string[]) {
  return folder.mc(["backfill", "publish", "--journal", "journal.jsonl", "--revocations", "r.yaml", ...more]);
}

function listed(): string[] {
  const parsed = parseRevocations(folder.read("r.yaml"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return [...parsed.value.nonPromotable.keys()];
}

describe("mc backfill publish", { timeout: 60_000 }, () => {
  it("lists what is not promotable, leaves other lines alone, and a second time writes nothing", async () => {
    journal([lineOf("a"), lineOf("b"), lineOf("c", { running: 2, places: ["Pod shop/web: web"] })]);
    const first = await publish();
    expect([first.code, listed()]).toEqual([0, [digestOf("a"), digestOf("b")]]);
    expect(first.stderr).toContain("is left out, since it runs: Pod shop/web: web");
    const text = folder.read("r.yaml");
    expect(text.startsWith("# who keeps this file: security\n")).toBe(true);
    const second = await publish();
    expect([second.code, folder.read("r.yaml")]).toEqual([0, text]);
  });

  it("takes thousands in one edit, and refuses what makes the document too large", async () => {
    journal(Array.from({ length: 3000 }, (_, at) => lineOf(String(at))));
    expect((await publish()).code).toBe(0);
    expect(listed()).toHaveLength(3000);
    const text = folder.read("r.yaml");
    journal(Array.from({ length: 9000 }, (_, at) => lineOf(String(at))));
    const { code, stderr } = await publish();
    expect([code, folder.read("r.yaml") === text]).toEqual([10, true]);
    expect(stderr).toContain("absence of a summary refuses, too");
  });

  it("with --include-running shows what would stop, and writes it with --yes alone", async () => {
    journal([lineOf("c", { running: 2, places: ["Pod shop/web: web"] })]);
    const shown = await publish("--include-running");
    expect([shown.code, folder.read("r.yaml")]).toEqual([10, BEFORE]);
    expect(shown.stderr).toContain("would not start again: Pod shop/web: web");
    expect((await publish("--include-running", "--yes")).code).toBe(0);
    expect(listed()).toEqual([digestOf("c")]);
  });

  it("refuses where it is not known what runs, unless it is told to list it all the same", async () => {
    journal([lineOf("a", { running: undefined })]);
    const refused = await publish();
    expect([refused.code, folder.read("r.yaml")]).toEqual([12, BEFORE]);
    expect(refused.stderr).toContain("--cluster");
    expect((await publish("--include-running")).code).toBe(10);
    expect((await publish("--include-running", "--yes")).code).toBe(0);
  });

  it.each<[string, object, string]>([
    [
      "did not come to its end",
      { kind: "end", images: 1, undated: 0, older: 0, attachments: 0, missed: 0 },
      "has no end",
    ],
    ["missed something", { missed: 1 }, "could not be seen"],
    ["left out older images, which may be the same digest", { older: 500 }, "without --since"],
    [
      "has fewer images than its sums, as where a line cannot be read",
      { states: counts(2) },
      "cannot be read",
    ],
    ["has more images than its sums, as where one is gone", { states: counts(0) }, "into a new file"],
  ])("says that it cannot tell, and what to do, from a journal that %s", async (_, more, advice) => {
    journal([lineOf("a")], more);
    const { code, stderr } = await publish();
    expect([code, folder.read("r.yaml")]).toEqual([11, BEFORE]);
    expect(stderr).toContain(advice);
  });

  it("takes a journal in which a line was cut off and written again", async () => {
    journal([lineOf("a")]);
    const [run, ...rest] = folder.read("journal.jsonl").split("\n");
    folder.write("journal.jsonl", [run, rest[0]!.slice(0, 40), run, ...rest].join("\n"));
    expect([(await publish()).code, listed()]).toEqual([0, [digestOf("a")]]);
  });

  it.each<[string, object, string]>([
    ["is one shard's", { shard: "1/3" }, "mc backfill merge"],
    ["lacks the line by what it was judged", { version: 2 }, "does not say by what"],
  ])("exits 12, and says what to do, for a journal that %s", async (_, by, advice) => {
    journal([], {}, by);
    folder.write("journal.jsonl", folder.read("journal.jsonl").replace(/^.*"version":2.*\n/, ""));
    const { code, stderr } = await publish();
    expect([code, folder.read("r.yaml")]).toEqual([12, BEFORE]);
    expect(stderr).toContain(advice);
  });

  it("prints the document for --dry-run", async () => {
    journal([lineOf("a")]);
    const { code, stdout } = await publish("--dry-run");
    expect([code, folder.read("r.yaml")]).toEqual([0, BEFORE]);
    expect(stdout).toContain(digestOf("a"));
  });
});
