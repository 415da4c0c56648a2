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

function journal(lines: readonly object[], more: object = {}): void {
  const run = { kind: "run", version: 1, policy: "p", revocations: "r", at: "2026-11-30T10:00:00Z" };
  const states = { promotable: 0, "promotable-rebuilt": 0, "legacy-linked": 0 };
  const counted = { ...states, "non-promotable": lines.length, unknown: 0 };
  const sums = { kind: "sums", population: lines.length, states: counted, older: 0, missed: 0, at: run.at };
  const all = [run, ...lines, { ...sums, ...more }];
  folder.write("journal.jsonl", all.map((each) => `${JSON.stringify(each)}\n`).join(""));
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

  it.each<[string, object]>([
    ["did not come to its end", { kind: "end", images: 1, undated: 0, older: 0, attachments: 0, missed: 0 }],
    ["missed something", { missed: 1 }],
  ])("says that it cannot tell from a journal that %s", async (_, more) => {
    journal([lineOf("a")], more);
    expect([(await publish()).code, folder.read("r.yaml")]).toEqual([11, BEFORE]);
  });

  it("prints the document for --dry-run", async () => {
    journal([lineOf("a")]);
    const { code, stdout } = await publish("--dry-run");
    expect([code, folder.read("r.yaml")]).toEqual([0, BEFORE]);
    expect(stdout).toContain(digestOf("a"));
  });
});
