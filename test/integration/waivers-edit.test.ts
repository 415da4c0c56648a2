import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { parseWaivers } from "../../src/waivers/index.ts";
import { mcFolder } from "../support/run-mc.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const IMAGE = `ghcr.io/acme/app@${DIGEST}`;
const REASON = "The supplier signs from the next release on: it is due this week.";
const AT = "2026-11-25T10:00:00Z";
const SAMPLE = readFileSync("policy/waivers.yaml", "utf8");
const folder = mcFolder();
const WORDS = ["--reason", REASON, "--owner", "team-shop", "--ttl", "5d"];

beforeEach(() => folder.write("w.yaml", SAMPLE));
afterAll(() => folder.remove());

function run(command: string, ...args: readonly string[]): ReturnType<typeof folder.mc> {
  return folder.mc(["waivers", command, "--waivers", "w.yaml", "--at", AT, ...args]);
}

function add(...args: readonly string[]): ReturnType<typeof folder.mc> {
  return run("add", IMAGE, "--id", "WA-9", "--class", "signature", ...args);
}

function written() {
  const parsed = parseWaivers(folder.read("w.yaml"));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

describe("mc waivers add", { timeout: 60_000 }, () => {
  it("puts a waiver at the end, and leaves every other byte alone", async () => {
    const args = ["--namespace", "shop", "--approve", "sam:devsecops:https://github.test/pull/17"];
    const { code, stdout } = await add(...WORDS, ...args);
    expect(code).toBe(0);
    expect(folder.read("w.yaml").startsWith(SAMPLE.trimEnd())).toBe(true);
    expect(stdout).toContain("+  - id: WA-9\n+    class: signature\n");
    expect(written().problems).toEqual([]);
    expect(written().waivers.at(-1)).toMatchObject({
      id: "WA-9",
      class: "signature",
      digest: DIGEST,
      image: "ghcr.io/acme/app",
      namespaces: ["shop"],
      reason: REASON,
      from: new Date(AT),
      until: new Date("2026-11-30T10:00:00Z"),
    });
  });

  it.each([
    ["an empty list", "# mine\nwaivers: [] # none yet\n"],
    [
      "dashes in the first column and Windows line ends",
      "waivers: # mine\r\n- { digest: x } # broken\r\n# end\r\n",
    ],
    ["a list in brackets", `waivers: [ { id: a } ] # mine\n`],
  ])("writes into a document with %s", async (_, text) => {
    folder.write("w.yaml", text);
    expect(await add(...WORDS)).toMatchObject({ code: 0 });
    expect(written().waivers.map(({ id }) => id)).toEqual(["WA-9"]);
    const after = folder.read("w.yaml");
    for (const [comment] of text.matchAll(/#[^\r\n]*/g)) expect(after).toContain(comment);
    expect(/[^\r]\n/.test(after)).toBe(!text.includes("\r"));
  });

  it.each([
    ["too long a life", ["--ttl", "8d"], "too-long"],
    ["no owner", ["--reason", REASON, "--ttl", "1d"], "no-owner"],
    ["an id that is taken", ["--id", "WA-2026-001"], "duplicate-id"],
    ["a requester who approves", ["--requested-by", "sam", "--approve", "Sam:devsecops"], "self-approved"],
    ["no approvals for an emergency", ["--class", "provenance", "--ttl", "72h"], "not-approved"],
    ["vulnerabilities without a name", ["--class", "vulnerability"], "no-findings"],
  ])("writes nothing with %s", async (_, args, rule) => {
    const { code, stderr } = await add(...(rule === "no-owner" ? [] : WORDS), ...args);
    expect([code, stderr]).toEqual([10, expect.stringContaining(`[${rule}]`)]);
    expect(folder.read("w.yaml")).toBe(SAMPLE);
  });

  it("takes an emergency with both seats", async () => {
    const seats = ["--approve", "mia:release-manager", "--approve", "sam:devsecops"];
    expect(await add(...WORDS, "--class", "provenance", "--ttl", "72h", ...seats)).toMatchObject({ code: 0 });
    expect(written().waivers.at(-1)).toMatchObject({ class: "provenance" });
  });

  it("writes nothing in a dry run, and says what it would as JSON", async () => {
    const { code, stdout } = await add(...WORDS, "--dry-run", "-o", "json");
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as Record<string, unknown>;
    expect(told).toMatchObject({
      version: 1,
      written: false,
      entry: { id: "WA-9", ttl: "5d" },
      problems: [],
    });
    expect(told["diff"]).toContain("+  - id: WA-9");
    expect(folder.read("w.yaml")).toBe(SAMPLE);
  });

  it("keeps what it cannot read as a whole, and the file's rights", async () => {
    const broken = "waivers:\n  - id: a\n  - *b\n";
    folder.write("w.yaml", broken);
    expect(await add(...WORDS)).toMatchObject({ code: 10 });
    expect(folder.read("w.yaml")).toBe(broken);
    folder.write("w.yaml", SAMPLE);
    const { mode, ino } = statSync(join(folder.path, "w.yaml"));
    await add(...WORDS);
    const after = statSync(join(folder.path, "w.yaml"));
    expect(after.mode).toBe(mode);
    expect(after.ino).not.toBe(ino); // another file took its place at once
  });

  it.each([
    ["a tag", ["ghcr.io/acme/app:1", "--id", "x", "--class", "sbom"]],
    ["a class that cannot be waived", [IMAGE, "--id", "x", "--class", "revocation"]],
    ["an approval without a seat", [IMAGE, "--id", "x", "--class", "sbom", "--approve", "sam"]],
    ["a file that is not there", [IMAGE, "--id", "x", "--class", "sbom", "--waivers", "none.yaml"]],
  ])("exits 12 for %s", async (_, args) => {
    expect(await run("add", ...args)).toMatchObject({ code: 12 });
  });
});

describe("mc waivers renew", { timeout: 60_000 }, () => {
  it("writes a waiver that follows, as wide and as long, with approvals of its own", async () => {
    expect(await run("renew", "WA-2026-001", "--approve", "sam:devsecops")).toMatchObject({ code: 0 });
    const [old] = written().waivers;
    expect(written().waivers.at(-1)).toMatchObject({
      id: "WA-2026-001-r1",
      class: old!.class,
      digest: old!.digest,
      image: old!.image,
      namespaces: old!.namespaces,
      from: old!.until,
      until: new Date("2026-12-04T09:00:00Z"),
    });
    expect(folder.read("w.yaml")).toContain("renews: WA-2026-001\n");
    expect(folder.read("w.yaml").match(/by: sam/g)).toHaveLength(3);
  });

  it("refuses a third renewal", async () => {
    for (const id of ["WA-2026-001", "WA-2026-001-r1"])
      expect(await run("renew", id)).toMatchObject({ code: 0 });
    const third = await run("renew", "WA-2026-001-r2");
    expect(third.code).toBe(10);
    expect(third.stderr).toContain("[renewed-too-often]");
  });

  it("asks an emergency for its seats anew, and exits 12 for an id that nobody has", async () => {
    expect((await run("renew", "WA-2026-002")).stderr).toContain("[not-approved]");
    expect(await run("renew", "WA-1")).toMatchObject({ code: 12 });
  });
});

describe("mc waivers expire", { timeout: 60_000 }, () => {
  it("ends a waiver now and changes one line", async () => {
    const { code, stdout } = await run("expire", "WA-2026-001");
    expect(code).toBe(0);
    expect(stdout.match(/^[-+] /gm)).toEqual(["+ "]);
    expect(written().waivers[0]).toMatchObject({ id: "WA-2026-001", until: new Date(AT) });
    expect(folder.read("w.yaml").replace(`    expires: "${AT}"\n`, "")).toBe(SAMPLE);
  });

  it("replaces an end that there is, and ends the short form by its name", async () => {
    expect(await run("expire", "WA-2026-002")).toMatchObject({ code: 0 });
    expect(await run("expire", "short-d8c2be1e4e5a")).toMatchObject({ code: 0 });
    expect(
      written()
        .waivers.slice(1)
        .map(({ until }) => until),
    ).toEqual([new Date(AT), new Date(AT)]);
  });

  it("leaves what has ended, and ends one although another is broken", async () => {
    const late = ["--at", "2026-12-24T10:00:00Z"];
    expect(await run("expire", "WA-2026-001", ...late)).toMatchObject({ code: 0 });
    expect(folder.read("w.yaml")).toBe(SAMPLE);
    folder.write("w.yaml", `${SAMPLE}  - id: broken\n`);
    expect(await run("expire", "WA-2026-001")).toMatchObject({ code: 0 });
    expect(written().waivers[0]!.until).toEqual(new Date(AT));
  });

  it("is a dry run where asked, and refuses one that has not begun", async () => {
    expect(await run("expire", "WA-2026-001", "--dry-run")).toMatchObject({ code: 0 });
    expect(folder.read("w.yaml")).toBe(SAMPLE);
    expect(await run("expire", "WA-2026-001", "--at", "2026-11-24T08:00:00Z")).toMatchObject({ code: 12 });
  });
});
