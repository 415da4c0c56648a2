import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { documentFact } from "./facts.ts";
import { isRecordFile } from "./file-name.ts";
import { readRecord, type RecordEntry, openRecord, type Recorder } from "./index.ts";
import { tidyRecord } from "./retention.ts";

const NOW = new Date("2026-11-24T12:00:00Z");
const DAY_MS = 86_400_000;
const FACT = documentFact("policy", "rules: []");

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "record-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function decision(uid: string, more: object = {}): RecordEntry {
  const fields = {
    uid,
    namespace: "shop",
    kind: "Pod",
    name: "web",
    operation: "CREATE",
    dryRun: false,
    caller: "verified",
    decision: "allow",
    mode: "enforce",
    codes: [],
    images: [],
    digests: [],
    waivers: [],
    ms: 1,
    replayable: false,
    notReplayableBecause: "a test",
    ...more,
  };
  return { msg: "decision", fields, person: { key: "user", name: "jane@acme.test" } };
}

interface Opened {
  readonly recorder: Recorder;
  readonly lines: string[];
}

async function opened(
  more: {
    readonly fileBytes?: number;
    readonly namesUsers?: boolean;
    readonly files?: false;
    readonly pod?: string;
  } = {},
): Promise<Opened> {
  const lines: string[] = [];
  const { fileBytes = 1e6, namesUsers = true, pod = "gate-a" } = more;
  const settings = {
    folder,
    fileBytes,
    folderBytes: 1e9,
    keepMs: DAY_MS,
    namesMs: DAY_MS,
  };
  const recorder = await openRecord({
    pod,
    pid: 1,
    build: "0.1.0",
    now: () => NOW,
    namesUsers,
    sink: { write: (line) => lines.push(line) },
    ...(more.files !== false && { files: settings }),
    onLost: (_, because) => {
      throw new Error(because);
    },
    onProblem: (message) => {
      throw new Error(message);
    },
  });
  return { recorder, lines };
}

async function written(uids: readonly string[], more: Parameters<typeof opened>[0] = {}): Promise<Opened> {
  const record = await opened(more);
  for (const uid of uids) record.recorder.write(decision(uid), [FACT]);
  await record.recorder.close();
  return record;
}

function files(): string[] {
  return readdirSync(folder).filter(isRecordFile).toSorted();
}

function textOf(at: number): string {
  return readFileSync(join(folder, files()[at]!), "utf8");
}

function change(at: number, edit: (lines: string[]) => string[]): void {
  writeFileSync(join(folder, files()[at]!), edit(textOf(at).split("\n")).join("\n"));
}

async function rules(paths = [folder]): Promise<string[]> {
  return (await readRecord(paths)).problems.map(({ rule, message }) => `${rule}: ${message}`);
}

describe("a record that is written and read", () => {
  it("has each decision once, in one chain, on standard output and in files", async () => {
    const { lines } = await written(["a", "b", "c"]);
    const uids: string[] = [];
    const report = await readRecord([folder], ({ value }) => {
      if (value.msg === "decision") uids.push(value.uid);
    });
    expect(uids).toEqual(["a", "b", "c"]);
    expect(report).toMatchObject({ files: 1, lines: 4, decisions: 3, unverified: 0, problemCount: 0 });
    expect(report.chains).toMatchObject([{ first: 1, last: 4 }]);
    writeFileSync(join(folder, "log"), `{"msg":"listening"}\n${lines.join("")}`);
    expect(await readRecord([join(folder, "log")])).toMatchObject({ decisions: 3, problemCount: 0 });
  });

  it("counts decisions of unverified callers apart", async () => {
    const { recorder } = await opened();
    recorder.write(decision("a", { caller: "unverified" }));
    await recorder.close();
    expect(await readRecord([folder])).toMatchObject({ decisions: 1, unverified: 1 });
  });

  it("names the pod in each line, and two pods have chains of their own", async () => {
    await written(["a"]);
    await written(["b"], { pod: "gate-b" });
    const { chains, problemCount } = await readRecord([folder]);
    expect(chains.map(({ chain }) => chain.split("/")[0])).toEqual(["gate-a", "gate-b"]);
    expect(problemCount).toBe(0);
  });

  it("says that facts are kept in files alone where there are none", async () => {
    const { recorder, lines } = await written(["a"], { files: false });
    expect(recorder.unkept).toContain("record.folder");
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0]!)).toMatchObject({ msg: "record begins", why: "start" });
  });

  it("holds facts once in each file, before what rests on them", async () => {
    await written(["a", "b"]);
    expect(textOf(0).match(/"msg":"facts"/g)).toHaveLength(1);
  });
});

describe("a record that was tampered with", () => {
  it.each<[string, (lines: string[]) => string[], string]>([
    [
      "a decision removed",
      (lines) => lines.filter((line) => !line.includes('"uid":"b"')),
      "missing-lines: line 3 of chain",
    ],
    [
      "several decisions removed",
      (lines) => lines.filter((line) => !/"uid":"[bc]"/.test(line)),
      "missing-lines: lines 3 to 4 of chain",
    ],
    [
      "one decision changed",
      (lines) => lines.map((line) => line.replace('"uid":"b"', '"uid":"x"')),
      "changed-line: line 3 of chain",
    ],
    [
      "the name of a user changed",
      (lines) => lines.map((line) => line.replace("jane@", "john@")),
      "changed-name: the name",
    ],
    [
      "a fact changed",
      (lines) => lines.map((line) => line.replace("rules: []", "rules: [1]")),
      "changed-fact: what it holds",
    ],
    [
      "a decision repeated",
      (lines) => [...lines.slice(0, 4), lines[3]!, ...lines.slice(4)],
      "repeated-lines: line 3 of chain",
    ],
    [
      "a line that is not JSON",
      (lines) => lines.map((line) => line.replace('"uid":"b",', '"uid":"b"')),
      "unreadable-line: ",
    ],
    [
      "its end cut in the middle of a line",
      (lines) => [lines.join("\n").slice(0, -20)],
      "torn-line: the file ends",
    ],
  ])("with %s is named", async (_, edit, problem) => {
    await written(["a", "b", "c", "d"]);
    change(0, edit);
    const [first] = await rules();
    expect(first?.startsWith(problem) ? problem : first).toBe(problem);
  });

  it("with a fact removed names what rests on it", async () => {
    const { recorder } = await opened();
    const basis = {
      at: NOW.toISOString(),
      askedMode: "enforce",
      documents: {},
      trust: FACT.digest,
      subjects: [],
      evidence: [],
    };
    recorder.write(decision("a", { basis, replayable: true }), [FACT]);
    await recorder.close();
    expect(await rules()).toEqual([]);
    change(0, (lines) => lines.filter((line) => !line.startsWith('{"msg":"facts"')));
    expect(await rules()).toEqual([
      `missing-fact: it rests on the fact ${FACT.digest}, which is not before it in the file`,
    ]);
  });

  it("without a file in the middle names its lines", async () => {
    await written(["a"]);
    await written(["b"]);
    await written(["c"]);
    rmSync(join(folder, files()[1]!));
    expect(await rules()).toMatchObject([expect.stringContaining("missing-lines: lines 3 to 4")]);
  });
});

describe("a record after a restart", () => {
  it("goes on with its chain, and drops half a line and says so", async () => {
    await written(["a", "b"]);
    change(0, (lines) => [lines.join("\n").slice(0, -20)]);
    await written(["c"]);
    expect(files()).toHaveLength(2);
    expect(JSON.parse(textOf(1).split("\n")[0]!)).toMatchObject({
      why: "restart",
      torn: { file: files()[0] },
      record: { number: 3 },
    });
    const report = await readRecord([folder]);
    expect(report).toMatchObject({ decisions: 2, problemCount: 0, chains: [{ first: 1, last: 4 }] });
  });

  it("begins another chain where no line can be read, and says why", async () => {
    await written(["a"]);
    change(0, () => ["nothing", ""]);
    const [first] = files();
    const { lines } = await written(["b"]);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      why: "start",
      notContinued: `the end of ${first!} holds no line of a record`,
      record: { number: 1 },
    });
  });

  it("begins another chain where one of its files is gone as it is looked at, and says so", async () => {
    await written(["a"]);
    symlinkSync(join(folder, "nowhere"), join(folder, files()[0]!.replace(/\d{12}/, "000000000009")));
    const { lines } = await written(["b"]);
    expect(JSON.parse(lines[0]!)).toMatchObject({
      why: "start",
      notContinued: expect.stringContaining("a file of the folder cannot be read"),
    });
  });

  it("finds its last line behind more than a block of facts", async () => {
    const { recorder } = await opened();
    recorder.write(decision("a"));
    recorder.write(decision("b"), [documentFact("policy", "x".repeat(200_000))]);
    await recorder.close();
    change(0, (lines) => [...lines.slice(0, -2), ""]);
    const { lines } = await written(["c"]);
    expect(JSON.parse(lines[0]!)).toMatchObject({ why: "restart", record: { number: 3 } });
  });
});

describe("files of a record", () => {
  it("are followed by another at their size, which holds its facts and goes on with the chain", async () => {
    await written(["a", "b", "c"], { fileBytes: 1500 });
    expect(files().length).toBeGreaterThan(1);
    expect(textOf(1)).toContain('"why":"rotation"');
    expect(textOf(1)).toContain('"msg":"facts"');
    expect(await rules()).toEqual([]);
  });

  it("name no user where that is asked, nor does standard output", async () => {
    const { lines } = await written(["a"], { namesUsers: false });
    expect(`${lines.join("")}${textOf(0)}`).not.toContain("jane");
    expect(await rules()).toEqual([]);
  });

  it("lose the names of users after their time, and nothing of their chain", async () => {
    await written(["a", "b"]);
    change(0, (lines) => [lines.join("\n"), '{"level":"info","user":"jane'].join("").split("\n"));
    await written(["c"]);
    const [first] = files();
    utimesSync(
      join(folder, first!),
      new Date(NOW.getTime() - 2 * DAY_MS),
      new Date(NOW.getTime() - 2 * DAY_MS),
    );
    const limits = {
      folder,
      current: undefined,
      keepMs: 9 * DAY_MS,
      namesMs: DAY_MS,
      maxBytes: 1e9,
      now: () => NOW,
    };
    await tidyRecord(limits);
    const erased = textOf(0);
    expect(erased).not.toContain("jane");
    expect(erased).toContain('"msg":"names erased"');
    expect(textOf(1)).toContain("jane");
    expect(await rules()).toEqual([]);
    await tidyRecord(limits);
    expect(textOf(0)).toBe(erased);
  });

  it("lose names and nothing else where several replicas take them out at once, or one was killed at it", async () => {
    await written(Array.from({ length: 500 }, (_, at) => `u-${at}`));
    const before = textOf(0).trimEnd().split("\n");
    const old = new Date(NOW.getTime() - 2 * DAY_MS);
    const left = `${files()[0]!}.unfinished`;
    writeFileSync(join(folder, left), before[0]!);
    for (const name of [files()[0]!, left]) utimesSync(join(folder, name), old, old);
    const limits = { folder, current: undefined, keepMs: 9 * DAY_MS, namesMs: DAY_MS, maxBytes: 1e9 };
    await Promise.all([1, 2, 3].map(() => tidyRecord({ ...limits, now: () => NOW })));
    expect(readdirSync(folder)).toEqual(files());
    const after = textOf(0);
    expect(after).not.toContain("jane");
    expect(after.match(/"msg":"decision"/g)).toHaveLength(500);
    expect(await rules()).toEqual([]);
  });

  it.each([
    ["days", { keepMs: DAY_MS, maxBytes: 1e9 }],
    ["size", { keepMs: 9 * DAY_MS, maxBytes: 1500 }],
  ] as const)("go by %s, the oldest first", async (because, limits) => {
    await written(["a"]);
    await written(["b"]);
    const [first, second] = files();
    utimesSync(
      join(folder, first!),
      new Date(NOW.getTime() - 2 * DAY_MS),
      new Date(NOW.getTime() - 2 * DAY_MS),
    );
    const current = second!;
    const all = { folder, current, namesMs: 9 * DAY_MS, ...limits, now: () => NOW };
    const removed = await tidyRecord(because === "size" ? { ...all, maxBytes: 10 } : all);
    expect(removed).toMatchObject([{ file: first, because }]);
    expect(files()).toEqual([second]);
  });
});

describe("reading", () => {
  it("refuses a folder without files of a record", async () => {
    await expect(readRecord([folder])).rejects.toThrow("has no file of a decision record");
    await expect(readRecord([])).rejects.toThrow("name files or folders");
  });

  it("says which fact of the record's digest is meant", () => {
    expect(FACT.digest).toBe(digestOf('{"name":"policy","text":"rules: []"}'));
  });
});
