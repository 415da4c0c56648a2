import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { PROGRAM } from "../support/bundled.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";
import { publicKeyOf, attestation } from "../support/signed-layers.ts";
import { createSigstore, keyPair } from "../support/sigstore.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const PROVENANCE = "https://slsa.dev/provenance/v1";
const BUILDER = "https://builder.acme.test/one";
const sigstore = await createSigstore();
const ours = keyPair();

interface Line {
  readonly kind: string;
  readonly repository: string;
  readonly digest: string;
  readonly state?: string;
  readonly [field: string]: unknown;
}

let registry: OciRegistry;
let folder: McFolder;

beforeEach(async () => {
  registry = await startOciRegistry();
  folder = mcFolder(registry);
});
afterEach(async () => {
  folder.remove();
  await registry.close();
});

function writePolicy(): void {
  const rules = [
    {
      name: "built",
      images: [`${registry.host}/team/*`],
      require: { provenance: { anyOf: ["ours"], builders: [BUILDER] } },
    },
  ];
  const key = { pem: publicKeyOf(ours).pem, transparencyLogNotRequiredUnsafe: true };
  const trustRoots = { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } };
  folder.write("policy.yaml", JSON.stringify({ trustRoots, authorities: { ours: { key } }, rules }));
}

async function attest(digest: Digest, builder = BUILDER): Promise<void> {
  const predicate = {
    buildDefinition: {
      buildType: "https://acme.test/build",
      externalParameters: {},
      resolvedDependencies: [],
    },
    runDetails: { builder: { id: builder } },
  };
  const { bytes } = await attestation(PROVENANCE, predicate).bundle(sigstore, ours, digest, {
    rekor: "none",
  });
  registry.attachReferrer("team/app", digest, { mediaType: BUNDLE, bytes });
}

/** `good` images with provenance, `bad` ones without, all tagged. */
async function fill(good: number, bad: number): Promise<void> {
  writePolicy();
  for (let at = 0; at < good; at += 1) await attest(registry.pushImage("team/app", { tag: `good-${at}` }));
  for (let at = 0; at < bad; at += 1) registry.pushImage("team/app", { tag: `bad-${at}` });
}

const BY = ["--policy", "policy.yaml", "--registries", "registries.yaml", "--revocations-not-checked-unsafe"];

function run(...more: readonly string[]) {
  const journal = more.includes("--journal") ? [] : ["--journal", "journal.jsonl"];
  const args = [...BY, "--catalog", registry.host];
  return folder.mc(["backfill", "run", ...args, ...journal, "-o", "json", ...more]);
}

function linesOf(name = "journal.jsonl"): Line[] {
  const texts = folder
    .read(name)
    .split("\n")
    .filter((text) => text !== "");
  return texts.flatMap((text) => {
    try {
      return [JSON.parse(text) as Line];
    } catch {
      return [];
    }
  });
}

function judged(name?: string): Line[] {
  return linesOf(name).filter(({ kind }) => kind === "judged");
}

function statesOf(lines: readonly Line[]): Record<string, string | undefined> {
  return Object.fromEntries(lines.map(({ digest, state }) => [digest, state]));
}

function readsOfManifests(): number {
  return registry.requests.filter(({ path }) => path.includes("/referrers/")).length;
}

describe("mc backfill run", { timeout: 120_000 }, () => {
  it("gives each image a state by the gate's own verdict, and its sums are the population", async () => {
    await fill(2, 1);
    await attest(registry.pushImage("team/app", { tag: "stranger" }), "https://builder.test/other");
    registry.pushImage("other/app", { tag: "v1" });
    const { code, stdout } = await run();
    expect(JSON.parse(stdout)).toMatchObject({
      population: 5,
      states: { promotable: 2, "promotable-rebuilt": 0, "legacy-linked": 0, "non-promotable": 3, unknown: 0 },
    });
    expect(code).toBe(10);
    const reasons = judged().map((line) => (line["reasons"] as { code: string }[])[0]!.code);
    expect(reasons.toSorted()).toEqual([
      "policy/unmatched",
      "provenance",
      "provenance",
      "provenance/missing",
      "provenance/untrusted-builder",
    ]);
    expect(judged().find(({ state }) => state === "promotable")).toMatchObject({ clock: "signature" });
  });

  it("judges nothing twice, and again what was unknown", async () => {
    await fill(2, 1);
    registry.fault(/referrers/, { kind: "bytes", bytes: "<html>" });
    const first = await run("--timeout", "5");
    expect([first.code, JSON.parse(first.stdout)]).toMatchObject([11, { states: { unknown: 3 } }]);
    registry.clearFaults();
    expect(JSON.parse((await run()).stdout)).toMatchObject({
      states: { promotable: 2, "non-promotable": 1 },
    });
    registry.clearRequests();
    const third = await run();
    expect(JSON.parse(third.stdout)).toMatchObject({ states: { promotable: 2, "non-promotable": 1 } });
    expect(readsOfManifests()).toBe(0);
  });

  it("waits for a registry that answers 429, 500 and 503 in between", async () => {
    await fill(3, 0);
    registry.fault(
      { path: /referrers/, times: 2 },
      { kind: "status", status: 429, headers: { "retry-after": "1" } },
    );
    registry.fault({ path: /referrers/, times: 1 }, { kind: "status", status: 503 });
    registry.fault({ path: /referrers/, times: 1 }, { kind: "status", status: 500 });
    const { code, stdout } = await run("--concurrency", "1");
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { states: { promotable: 3 } }]);
  });

  it("drops a torn last line, says so, and judges that image again", async () => {
    await fill(1, 2);
    await run();
    const whole = statesOf(judged());
    const lines = folder.read("journal.jsonl").trimEnd().split("\n");
    folder.write("journal.jsonl", lines.slice(0, -2).join("\n").slice(0, -40));
    const { code, stderr } = await run();
    expect(stderr).toContain("1 torn line(s) dropped");
    expect([code, statesOf(judged())]).toEqual([10, whole]);
    expect(linesOf().filter(({ kind }) => kind === "run")).toHaveLength(2); // the next line begins a line of its own
  });

  it.each([
    [
      "another policy",
      async () => folder.write("policy.yaml", `${folder.read("policy.yaml")}\n`),
      /another policy/,
    ],
    ["a file that is none", async () => folder.write("journal.jsonl", "{}\n{}\n"), /not a journal/],
  ])("does not continue a journal with %s", async (_, change, message) => {
    await fill(1, 0);
    await run();
    await change();
    const { code, stderr } = await run();
    expect(code).toBe(12);
    expect(stderr).toMatch(message);
  });

  it("without --revocations says that what is revoked counts as promotable, and with it does not", async () => {
    await fill(1, 0);
    folder.write("revocations.yaml", "revocations: []\n");
    const warned = expect.stringContaining("what is revoked counts as promotable");
    expect((await run()).stderr).toEqual(warned);
    folder.write("journal.jsonl", "");
    expect((await run("--revocations", "revocations.yaml")).stderr).not.toEqual(warned);
  });

  it("does not continue a journal by the rules of another namespace", async () => {
    await fill(1, 0);
    await run();
    const { code, stderr } = await run("--namespace", "prod");
    expect([code, stderr]).toEqual([12, expect.stringContaining("another namespace (default, now prod)")]);
  });

  it("with --plan judges and writes nothing", async () => {
    await fill(1, 1);
    const { code, stdout } = await run("--plan");
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { images: 2, left: 2, hosts: { [registry.host]: 2 } },
    ]);
    expect(existsSync(join(folder.path, "journal.jsonl"))).toBe(false);
    expect(readsOfManifests()).toBe(0);
  });

  it("exits 11 where no image was found", async () => {
    writePolicy();
    expect((await run()).code).toBe(11);
  });

  it("killed three times in the middle, loses and doubles nothing", async () => {
    await fill(6, 6);
    registry.fault(/referrers/, { kind: "delay", milliseconds: 150 });
    const file = join(folder.path, "journal.jsonl");
    const args = [...BY, "--catalog", registry.host];
    const start = () =>
      spawn(
        process.execPath,
        [PROGRAM, "backfill", "run", ...args, "--journal", file, "--concurrency", "1"],
        {
          cwd: folder.path,
          stdio: "ignore",
        },
      );
    const judgedNow = (): number =>
      existsSync(file) ? readFileSync(file, "utf8").split('"kind":"judged"').length - 1 : 0;
    for (const least of [2, 4, 6]) {
      const child = start();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      while (judgedNow() < least && child.exitCode === null) await wait(20);
      child.kill("SIGKILL");
      await ended;
    }
    registry.clearFaults();
    expect(judgedNow()).toBeLessThan(12);
    const { stdout } = await run();
    expect(JSON.parse(stdout)).toMatchObject({
      population: 12,
      states: { promotable: 6, "non-promotable": 6 },
    });
    const all = judged().map(({ digest }) => digest);
    expect([all.length, new Set(all).size]).toEqual([12, 12]);
  });
});

const part = (index: number): string => `part-${index}.jsonl`;

function withoutTime(lines: readonly Line[]): object[] {
  return lines.map((line) => ({ ...line, at: "" })).toSorted((a, b) => (a.digest < b.digest ? -1 : 1));
}

describe("mc backfill merge", { timeout: 120_000 }, () => {
  it("of three shards equals the run without shards", async () => {
    await fill(4, 5);
    await run();
    for (const index of [1, 2, 3]) await run("--shard", `${index}/3`, "--journal", part(index));
    const { code, stdout } = await folder.mc(["backfill", "merge", part(1), part(2), part(3)]);
    folder.write("merged.jsonl", stdout);
    expect(code).toBe(10);
    expect(withoutTime(judged("merged.jsonl"))).toEqual(withoutTime(judged()));
    expect(linesOf("merged.jsonl").at(-1)).toMatchObject({ kind: "sums", population: 9 });
  });

  it.each([
    ["a shard is missing", [1, 2], /shards 3 of 3 are missing/],
    ["a shard is there twice", [1, 2, 3, 1], /same shard/],
  ])("exits 12 where %s", async (_, parts, message) => {
    await fill(2, 2);
    for (const index of [1, 2, 3]) await run("--shard", `${index}/3`, "--journal", part(index));
    const { code, stderr } = await folder.mc(["backfill", "merge", ...parts.map(part)]);
    expect(code).toBe(12);
    expect(stderr).toMatch(message);
  });

  it("exits 12 where a shard has no end", async () => {
    await fill(1, 1);
    await run();
    folder.write("cut.jsonl", folder.read("journal.jsonl").split("\n").slice(0, -2).join("\n"));
    const { code, stderr } = await folder.mc(["backfill", "merge", "cut.jsonl"]);
    expect([code, stderr]).toEqual([12, expect.stringContaining("has no end")]);
  });
});
