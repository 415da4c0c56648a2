import { appendFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import {
  BEGIN,
  decisionEntry,
  inForce,
  PacketWorld,
  SINCE,
  UNTIL,
} from "../../test/support/evidence-packets.ts";
import { digestOf } from "../core/index.ts";
import { checkPacket } from "./index.ts";

const WAIVERS = JSON.stringify({
  waivers: [
    {
      id: "W-1",
      class: "signature",
      digest: `sha256:${"a".repeat(64)}`,
      reason: "The supplier signs from the next release on.",
      owners: ["team-a"],
      created: "2026-11-24T00:00:00Z",
      expires: "2026-11-26T00:00:00Z",
      approvals: [{ by: "bob", seat: "devsecops", at: "2026-11-24T00:00:00Z" }],
    },
  ],
});
const ENTRIES = [
  inForce("policy", "rules: []"),
  inForce("waivers", WAIVERS),
  decisionEntry({ uid: "1", waivers: ["W-1"] }),
  decisionEntry({ uid: "2", decision: "deny", codes: ["signature/missing"], message: "no" }),
  decisionEntry({ uid: "3", caller: "unverified" }),
  decisionEntry({ uid: "4", namespace: "other" }),
  decisionEntry({ uid: "5", dryRun: true }),
];

let world: PacketWorld;
beforeEach(async () => {
  world = new PacketWorld();
  await world.write(ENTRIES);
});
afterEach(() => world.remove());

function json(packet: string, file: string): unknown {
  return JSON.parse(readFileSync(world.path(packet, file), "utf8"));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .toSorted();
}

function recordFile(): string {
  return world.path("record", readdirSync(world.record)[0]!);
}

function at(...names: string[]): string {
  return world.path("p", ...names);
}

function flip(file: string): void {
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  writeFileSync(file, bytes);
}

function dropLine(file: string, part: string): void {
  const lines = readFileSync(file, "utf8").split("\n");
  writeFileSync(file, lines.filter((line) => !line.includes(part)).join("\n"));
}

describe("a packet", () => {
  it("has the same bytes when it is exported again, but for the signature", async () => {
    const { options: signer } = world.signer();
    await world.export("one", { signer });
    await world.export("two", { signer });
    const files = filesIn(world.path("one"));
    expect(filesIn(world.path("two"))).toEqual(files);
    expect(files).toContain("manifest.json.sigstore.json");
    const differing = files.filter(
      (file) => !readFileSync(world.path("one", file)).equals(readFileSync(world.path("two", file))),
    );
    expect(differing.filter((file) => file !== "manifest.json.sigstore.json")).toEqual([]);
  });

  it("counts callers that were not verified apart, and dry runs as not deployed", async () => {
    const report = await world.export("p");
    expect(report).toMatchObject({ decisions: 5, unverified: 1, problems: 0 });
    expect(json("p", "population.json")).toMatchObject({
      in: {
        decisions: { verified: { allow: 3, warn: 0, deny: 1 }, unverified: { allow: 1, warn: 0, deny: 0 } },
        dryRuns: 1,
      },
      out: { otherTimes: 0, otherNamespaces: 0 },
      breaks: 0,
    });
    expect(json("p", "images.json")).toMatchObject([
      { verified: { allow: 2, deny: 1 }, unverified: { allow: 1 }, namespaces: ["shop", "other"] },
    ]);
  });

  it("says what of other namespaces and times is not in it", async () => {
    await world.export("p", { namespace: "shop", since: new Date(BEGIN.getTime() + 4500) });
    expect(json("p", "population.json")).toMatchObject({
      in: { decisions: { verified: { allow: 1, deny: 1 } } },
      out: { otherTimes: 1, otherNamespaces: 1, namespace: "shop" },
    });
    expect(readFileSync(world.path("p", "record.jsonl"), "utf8")).not.toContain('"namespace":"other"');
  });

  it("has the versions of documents that were in force before its time, with what they except", async () => {
    await world.export("p", { since: new Date(BEGIN.getTime() + 4500) });
    expect(json("p", "documents.json")).toMatchObject([{ document: "policy" }, { document: "waivers" }]);
    expect(json("p", "exceptions.json")).toMatchObject([
      { kind: "waiver", id: "W-1", by: ["team-a"], approvedBy: ["bob (devsecops)"], used: 0 },
    ]);
    const waivers = filesIn(world.path("p", "documents")).find((name) => name.startsWith("waivers"))!;
    expect(readFileSync(world.path("p", "documents", waivers), "utf8")).toBe(WAIVERS);
  });

  it("names no user unless it is told to, and its chain holds without them", async () => {
    await world.export("p");
    await world.export("named", { keepsUserNames: true });
    expect(readFileSync(world.path("p", "record.jsonl"), "utf8")).not.toContain("jane");
    expect(json("p", "manifest.json")).toMatchObject({ redaction: [{ rule: "user-names", removed: 5 }] });
    expect(readFileSync(world.path("named", "record.jsonl"), "utf8")).toContain("jane@acme.test");
    expect((await checkPacket(world.path("p"))).differences).toEqual([]);
  });

  it("says that nothing of the time is recorded", async () => {
    const report = await world.export("p", { since: UNTIL, until: new Date(UNTIL.getTime() + 1000) });
    expect(report.decisions).toBe(0);
    expect(report.unknown[0]).toContain("the record has nothing of this time");
  });

  it("is not written over another one", async () => {
    await world.export("p");
    await expect(world.export("p")).rejects.toThrow("is there already");
  });

  it("holds what was attached, and the history of documents", async () => {
    const commit = {
      id: "c".repeat(40),
      at: SINCE.toISOString(),
      author: "ann",
      subject: "x",
      files: ["policy.yaml"],
    };
    const history = { commits: [commit], isCut: true };
    const { unknown } = await world.export("p", {
      history,
      attached: [{ name: "kpi.json", bytes: Buffer.from("{}") }],
    });
    expect(json("p", "history.json")).toEqual(history);
    expect(readFileSync(world.path("p", "attached/kpi.json"), "utf8")).toBe("{}");
    expect(unknown).toContain("older commits of the git folder: the newest are listed");
  });
});

describe("a record that is not whole", () => {
  it("is said where a line is missing", async () => {
    const lines = readFileSync(recordFile(), "utf8").split("\n");
    writeFileSync(recordFile(), lines.filter((line) => !line.includes('"uid":"2"')).join("\n"));
    const { problems, unknown } = await world.export("p");
    expect(problems).toBe(1);
    expect(unknown[0]).toMatch(/the record is not whole: line 5 of chain .* not here/);
    expect((await checkPacket(world.path("p"))).differences).toEqual([]);
  });

  it("is said where a file is cut in the middle of a line", async () => {
    const text = readFileSync(recordFile(), "utf8");
    writeFileSync(recordFile(), text.slice(0, -40));
    const { problems, decisions, unknown } = await world.export("p");
    expect([problems, decisions]).toEqual([1, 4]);
    expect(unknown[0]).toContain("the file ends in the middle of a line");
  });
});

describe("a packet that was changed", () => {
  const CHANGES: readonly (readonly [string, () => void, string])[] = [
    ["one bit of a file", () => flip(at("images.json")), "images.json was changed"],
    ["a file that is missing", () => rmSync(at("timeline.json")), "timeline.json is missing"],
    ["a file more", () => writeFileSync(at("more.json"), "{}"), "more.json is not in the manifest"],
    [
      "a file more in a folder",
      () => writeFileSync(at("documents/x.yaml"), ""),
      "documents/x.yaml is not in",
    ],
    ["a decision less", () => dropLine(at("record.jsonl"), '"uid":"2"'), "record.jsonl has"],
    ["a byte more", () => appendFileSync(at("unknown.json"), " "), "unknown.json has"],
    ["one bit of the page", () => flip(at("packet.html")), "packet.html: "],
    ["no page", () => rmSync(at("packet.html")), "packet.html is missing"],
    ["no manifest", () => rmSync(at("manifest.json")), "manifest.json is missing"],
    [
      "a manifest that is not one",
      () => writeFileSync(at("manifest.json"), "{}"),
      "manifest.json cannot be read",
    ],
  ];

  it.each(CHANGES)("is found: %s", async (_, change, expected) => {
    await world.export("p");
    expect((await checkPacket(world.path("p"))).differences).toEqual([]);
    change();
    expect((await checkPacket(world.path("p"))).differences[0]).toContain(expected);
  });

  it("is found by the record's own chain where the manifest was made to fit", async () => {
    await world.export("p");
    dropLine(at("record.jsonl"), '"uid":"2"');
    const record = readFileSync(at("record.jsonl"));
    const manifest = json("p", "manifest.json") as {
      files: { path: string; bytes: number; sha256: string }[];
    };
    const entry = manifest.files.find(({ path }) => path === "record.jsonl")!;
    Object.assign(entry, { bytes: record.length, sha256: digestOf(record).slice("sha256:".length) });
    writeFileSync(at("manifest.json"), JSON.stringify(manifest));
    const { differences } = await checkPacket(world.path("p"));
    expect(differences).toContain(
      "lines of record.jsonl are missing or changed: 1 places do not follow, and 0 did when it was exported",
    );
  });
});
