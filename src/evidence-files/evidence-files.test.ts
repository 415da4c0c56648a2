import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Attachments, digestOf, REGISTRY_FORMS, type RegistryForm } from "../core/index.ts";
import { type EvidenceFiles, type EvidenceFilesOptions, openEvidenceFiles } from "./evidence-files.ts";

const AT = new Date("2026-11-24T12:00:00.123Z");
const KEY = "ghcr.io/acme/app@sha256:a *";

function attachments(text = "a bundle"): Attachments {
  const bytes = new TextEncoder().encode(text);
  const digest = digestOf(bytes);
  return {
    subject: digestOf("an image"),
    found: [{ form: "bundle", mediaType: "application/json", digest, bytes, annotations: { a: "b" } }],
    skipped: [{ form: "bundle", digest, reason: "too-large", message: "too large" }],
    gaps: [
      { code: "limits/exceeded", message: "too large", predicateType: "https://spdx.dev/Document", count: 2 },
      { code: "registry/unavailable", message: "down", about: "place", count: 1 },
      { code: "registry/incomplete", message: "listed", about: [digest], count: 1 },
    ],
    searched: ["referrers API"],
    manifests: [digestOf("a manifest")],
  };
}

describe("attachments in files", () => {
  let folder: string;
  let problems: string[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-evidence-"));
    problems = [];
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function open(options: Partial<EvidenceFilesOptions> = {}): Promise<EvidenceFiles> {
    return openEvidenceFiles({
      folder,
      mostBytes: 100_000,
      mostFileBytes: 50_000,
      onProblem: (message) => problems.push(message),
      ...options,
    });
  }

  async function kept(...keys: readonly string[]): Promise<EvidenceFiles> {
    const files = await open();
    for (const key of keys) files.store(key, attachments(), AT);
    await files.close();
    return files;
  }

  function onlyFile(): string {
    const [name, ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    return join(folder, name!);
  }

  it("says of a part of the evidence that it is one", async () => {
    const part = { ...attachments(), isPartial: true } as const;
    const files = await open();
    files.store(KEY, part, AT);
    await files.close();
    expect(await (await open()).load(KEY)).toEqual({ attachments: part, at: AT });
  });

  it.each([
    ["nobody was asked for credentials", false, true],
    ["somebody was", true, undefined],
    ["it is not known whether anybody was", undefined, undefined],
  ])("say that %s", async (_, wanted, isOpen) => {
    const files = await open();
    const read = { ...attachments(), ...(wanted !== undefined && { wantedCredentials: () => wanted }) };
    files.store(KEY, read, AT);
    await files.close();
    const { at, isOpen: told } = (await (await open()).load(KEY))!;
    expect([at, told]).toEqual([AT, isOpen]);
  });

  it("leave nothing half written behind where a file cannot be written: a full disk would stay full", async () => {
    await kept(KEY);
    const file = onlyFile();
    rmSync(file);
    mkdirSync(file); // in the way of the file, as a full disk is
    await kept(KEY);
    expect(problems).toHaveLength(1);
    expect(readdirSync(folder)).toEqual([basename(file)]);
  });

  it("come back as they were, in another process", async () => {
    await kept(KEY);
    const again = await open();
    expect(await again.load(KEY)).toMatchObject({ attachments: attachments(), at: AT });
    expect(await again.load("another")).toBeUndefined();
    expect(problems).toEqual([]);
  });

  it.each(Object.keys(REGISTRY_FORMS) as RegistryForm[])("come back in the form %s", async (form) => {
    const { found, skipped, ...rest } = attachments();
    const formed = {
      ...rest,
      found: found.map((each) => ({ ...each, form })),
      skipped: skipped.map((each) => ({ ...each, form })),
    };
    const files = await open();
    files.store(KEY, formed, AT);
    await files.close();
    expect((await (await open()).load(KEY))?.attachments).toEqual(formed);
  });

  it("are nobody else's to read", async () => {
    await kept(KEY);
    expect(statSync(onlyFile()).mode & 0o777).toBe(0o600);
  });

  it.each([
    ["cut", (text: string) => text.slice(0, -10)],
    ["empty", () => ""],
    ["of another image", (text: string) => text.replace(KEY, "ghcr.io/acme/other@sha256:b *")],
    ["changed in its bytes", (text: string) => text.replace('"bytes":"YSBi', '"bytes":"YSBj')],
    ["of another version", (text: string) => text.replace('"key"', '"version":2,"key"')],
    ["without a time", (text: string) => text.replace(AT.toISOString(), "yesterday")],
  ])("are dropped, and nothing comes back, where a file is %s", async (_, damage) => {
    await kept(KEY);
    const file = onlyFile();
    const damaged = damage(readFileSync(file, "utf8"));
    expect(damaged).not.toBe(readFileSync(file, "utf8"));
    writeFileSync(file, damaged);
    const again = await open();
    expect(await again.load(KEY)).toBeUndefined();
    expect(readdirSync(folder)).toEqual([]);
  });

  it("stay below a bound, the least recently used first to go", async () => {
    const files = await open({ mostBytes: 2500 });
    for (const key of ["1", "2", "3", "4", "5", "6", "7", "8"]) {
      files.store(key, attachments(), AT);
      await files.close();
    }
    expect(await files.load("8")).toBeDefined();
    expect(await files.load("1")).toBeUndefined();
    const bytes = readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
    expect(bytes).toBeLessThanOrEqual(2500);
  });

  it("leave out what is larger than one file may be", async () => {
    const files = await open({ mostFileBytes: 100 });
    files.store(KEY, attachments("x".repeat(101)), AT);
    await files.close();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each([
    ["kept before", true],
    ["still being written", false],
  ])("are gone once they are forgotten, %s, and others are not", async (_, isWritten) => {
    const files = await kept("another");
    files.store(KEY, attachments(), AT);
    if (isWritten) await files.close();
    files.forget(KEY);
    files.forget("a third");
    await files.close();
    for (const each of [files, await open()])
      expect([await each.load(KEY), (await each.load("another"))?.at]).toEqual([undefined, AT]);
    expect(problems).toEqual([]);
  });

  it("hold what was stored last, however many write one at once, and before or after it is forgotten", async () => {
    const files = await open();
    for (const text of ["1", "2", "3"]) files.store(KEY, attachments(text), AT);
    files.forget(KEY);
    for (const text of ["4", "5"]) files.store(KEY, attachments(text), AT);
    await files.close();
    expect(await (await open()).load(KEY)).toEqual({ attachments: attachments("5"), at: AT });
  });

  it("that cannot be forgotten are said, and go with the next that is stored", async () => {
    const files = await kept(KEY);
    const path = onlyFile();
    rmSync(path);
    mkdirSync(path); // which is not removed as a file is
    files.forget(KEY);
    await files.close();
    expect(problems).toHaveLength(1);
    rmSync(path, { recursive: true });
    writeFileSync(path, "still there");
    files.store("another", attachments(), AT);
    await files.close();
    expect([readdirSync(folder).length, existsSync(path)]).toEqual([1, false]);
  });

  it("take away what a killed process left half written, and nothing of anybody else's", async () => {
    const half = `${"0".repeat(64)}.json.unfinished`;
    writeFileSync(join(folder, half), "{");
    writeFileSync(join(folder, "notes.txt"), "mine");
    await open();
    expect(readdirSync(folder)).toEqual(["notes.txt"]);
  });

  it("are no condition: without a folder that can be used, nothing is kept and somebody hears of it", async () => {
    writeFileSync(join(folder, "file"), "");
    const files = await open({ folder: join(folder, "file") });
    files.store(KEY, attachments(), AT);
    await files.close();
    expect(await files.load(KEY)).toBeUndefined();
    expect(problems.length).toBeGreaterThan(0);
  });
});
