import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { decisionEntry, PacketWorld, SINCE, UNTIL } from "../../../test/support/evidence-packets.ts";
import { EXIT, UsageError } from "../../core/index.ts";
import { exportEvidence, type ExportEvidenceOptions } from "./export.ts";
import { historyOf } from "./git-history.ts";
import { verifyEvidence } from "./verify.ts";

const NOW = new Date("2026-11-26T00:00:00Z");

let world: PacketWorld;
let printed: string;
beforeEach(async () => {
  world = new PacketWorld();
  await world.write([decisionEntry({ uid: "1" })]);
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed += String(text);
    return true;
  });
});
afterEach(() => world.remove());

function exported(more: Partial<ExportEvidenceOptions> = {}) {
  const options = {
    since: SINCE,
    until: UNTIL,
    record: [world.record],
    attach: [],
    withUserNames: false,
  } as const;
  return exportEvidence({ ...options, unsigned: true, out: world.path("p"), output: "text", ...more }, NOW);
}

function verified(options: object) {
  return verifyEvidence(world.path("p"), { hashesOnly: false, output: "text", ...options });
}

describe("mc evidence export", () => {
  it.each([
    ["ends in the future", { until: new Date("2026-11-27T00:00:00Z") }, "--until is in the future"],
    ["ends before it begins", { since: UNTIL }, "--until is not after --since"],
    ["names no signer", { unsigned: false }, "name the signer"],
    ["attaches what has no plain name", { attach: ["/tmp/a b"] }, "give it a name of letters"],
    ["attaches what is not there", { attach: ["/nowhere/a"] }, "cannot read /nowhere/a"],
    [
      "attaches two of one name",
      { attach: ["package.json", "./package.json"] },
      "two files are called package.json",
    ],
    ["names a folder that git does not know", { git: "/nowhere" }, "--git: "],
  ] as const)("is refused where it %s", async (_, more, expected) => {
    await expect(exported(more)).rejects.toThrow(expected);
    await expect(exported(more)).rejects.toThrow(UsageError);
  });

  it("exits 11 where nothing of the time is recorded", async () => {
    expect(await exported({ since: new Date(SINCE.getTime() - 1000), until: SINCE })).toBe(EXIT.unknown);
    expect(printed).toContain("the record has nothing of this time");
  });
});

describe("mc evidence verify", () => {
  it("exits 0 for a packet that the key signed, and 10 for another key or no signature", async () => {
    const { privateKey, publicFile } = world.signer();
    const key = world.path("key.pem");
    writeFileSync(key, privateKey.export({ format: "pem", type: "pkcs8" }));
    expect(await exported({ unsigned: false, key })).toBe(EXIT.allowed);
    expect(await verified({ key: publicFile })).toBe(EXIT.allowed);
    const other = new PacketWorld();
    expect(await verified({ key: other.signer().publicFile })).toBe(EXIT.refused);
    other.remove();
    rmSync(world.path("p", "manifest.json.sigstore.json"));
    expect(await verified({ key: publicFile })).toBe(EXIT.refused);
    expect(printed).toContain("manifest.json.sigstore.json is missing");
  });

  it("exits 10 for the signature of another packet", async () => {
    const { privateKey, publicFile } = world.signer();
    const key = world.path("key.pem");
    writeFileSync(key, privateKey.export({ format: "pem", type: "pkcs8" }));
    await exported({ unsigned: false, key });
    await exported({ unsigned: false, key, withUserNames: true, out: world.path("q") });
    const bundle = world.path("q", "manifest.json.sigstore.json");
    expect(await verified({ key: publicFile, bundle })).toBe(EXIT.refused);
    expect(printed).toContain("The signature does not hold");
  });

  it("asks who must have signed it, and says where that was not checked", async () => {
    await exported();
    await expect(verified({})).rejects.toThrow("name who must have signed it");
    expect(await verified({ hashesOnly: true })).toBe(EXIT.allowed);
    expect(printed).toContain("Who signed it was not checked.");
  });

  it("exits 10 and names the first difference", async () => {
    await exported();
    writeFileSync(
      world.path("p", "images.json"),
      readFileSync(world.path("p", "images.json"), "utf8").replace("2026", "2025"),
    );
    expect(await verified({ hashesOnly: true })).toBe(EXIT.refused);
    expect(printed).toContain("Changed: images.json was changed");
  });

  it("exits 11 where the page does not hold every file", async () => {
    const large = world.path("large.bin");
    writeFileSync(large, Buffer.alloc(13 * 1024 * 1024));
    writeFileSync(world.path("larger.bin"), Buffer.alloc(14 * 1024 * 1024));
    await exported({ attach: [large, world.path("larger.bin")] });
    expect(await verified({ hashesOnly: true })).toBe(EXIT.allowed);
    const page = world.path("p", "packet.html");
    expect(await verifyEvidence(page, { hashesOnly: true, output: "text" })).toBe(EXIT.unknown);
    expect(printed).toContain("Not in the page, and not checked: attached/larger.bin.");
  });
});

describe("the history of documents", () => {
  it("has the commits of the folder until an instant, in UTC", () => {
    const folder = world.path("documents");
    mkdirSync(folder);
    const git = (at: string, ...args: readonly string[]): void => {
      const who = {
        GIT_AUTHOR_NAME: "Ann",
        GIT_AUTHOR_EMAIL: "a@x",
        GIT_COMMITTER_NAME: "Ann",
        GIT_COMMITTER_EMAIL: "a@x",
      };
      const when = { GIT_AUTHOR_DATE: at, GIT_COMMITTER_DATE: at };
      execFileSync("git", ["-C", folder, ...args], {
        env: { ...process.env, ...who, ...when },
        stdio: "ignore",
      });
    };
    git("", "init");
    for (const [at, name] of [
      ["2026-11-23T10:00:00+02:00", "policy.yaml"],
      ["2026-11-29T10:00:00Z", "later.yaml"],
    ] as const) {
      writeFileSync(world.path("documents", name), name);
      git(at, "add", ".");
      git(at, "commit", "-m", `add ${name}`);
    }
    expect(historyOf(folder, UNTIL)).toEqual({
      isCut: false,
      commits: [
        {
          id: expect.stringMatching(/^[0-9a-f]{40}$/),
          at: "2026-11-23T08:00:00.000Z",
          author: "Ann",
          subject: "add policy.yaml",
          files: ["policy.yaml"],
        },
      ],
    });
  });
});
