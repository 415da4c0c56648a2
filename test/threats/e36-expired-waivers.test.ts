import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, describe, expect, it, vi } from "vitest";

import { verify } from "../../src/cli/verify/verify.ts";
import { waiversList } from "../../src/cli/waivers/documents.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, registry, waive, decide, clock, policy } = world;
const folder = await mkdtemp(join(tmpdir(), "e36-"));
const files = {
  policy: join(folder, "policy.yaml"),
  waivers: join(folder, "waivers.yaml"),
  registries: join(folder, "registries.yaml"),
};
await writeFile(files.policy, policy);
await writeFile(files.waivers, JSON.stringify({ waivers: [aWaiver(unsigned)] }));
await writeFile(
  files.registries,
  JSON.stringify({ hosts: { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } } }),
);

afterAll(async () => {
  await world.close();
  await rm(folder, { recursive: true });
});

afterEach(() => {
  vi.restoreAllMocks();
});

async function webhook(at: Date): Promise<boolean> {
  waive(aWaiver(unsigned));
  clock.now = at;
  return (await decide()).allowed;
}

async function advisory(at: Date): Promise<boolean> {
  waive(aWaiver(unsigned));
  clock.now = at;
  const { auditAnnotations = {} } = await decide({ mode: "advisory" });
  return auditAnnotations["verdict"] === "allow (advisory)";
}

/** `mc verify` says no by its exit code; what it prints is dropped. */
async function commandLine(at: Date): Promise<boolean> {
  vi.spyOn(process.stdout, "write").mockReturnValue(true);
  const image = `${registry.host}/acme/app@${unsigned}`;
  const options = {
    ...files,
    filename: [],
    podSpec: [],
    namespace: "shop",
    mode: "enforce",
    timeout: 10,
    output: "json",
  } as const;
  return (await verify([image], { ...options, at })) === 0;
}

/** `mc waivers list` calls it active, or ending. */
async function list(at: Date): Promise<boolean> {
  const printed: string[] = [];
  vi.spyOn(process.stdout, "write").mockImplementation((text) => printed.push(String(text)) > 0);
  waiversList(files.waivers, { at, output: "json" });
  const { waivers } = JSON.parse(printed.join("")) as { waivers: { state: string }[] };
  return ["active", "ending"].includes(waivers[0]!.state);
}

describe("E36: a waiver that outlives its end", () => {
  it.each<[string, (at: Date) => Promise<boolean>]>([
    ["the webhook", webhook],
    ["the advisory webhook", advisory],
    ["mc verify", commandLine],
    ["mc waivers list", list],
  ])("does not, for %s: it counts from its first instant to before its end", async (_, counts) => {
    expect(await counts(new Date("2026-11-24T07:59:59.999Z"))).toBe(false);
    expect(await counts(new Date("2026-11-24T08:00:00.000Z"))).toBe(true);
    expect(await counts(new Date("2026-11-24T09:59:59.999Z"))).toBe(true);
    expect(await counts(new Date("2026-11-24T10:00:00.000Z"))).toBe(false);
    expect(await counts(new Date("2099-01-01T00:00:00.000Z"))).toBe(false);
  });

  it.each<[string, object]>([
    ["no end", { expires: undefined }],
    ["an empty end", { expires: "" }],
    ["no end in words", { expires: "never" }],
    ["null", { expires: null }],
    ["a number", { expires: 4_102_444_800 }],
    ["a day", { expires: "2026-11-25" }],
    ["a local time", { expires: "2026-11-25T10:00:00" }],
    ["a day that does not exist", { expires: "2027-02-29T10:00:00Z" }],
    ["an hour that does not exist", { expires: "2026-11-24T25:00:00Z" }],
    ["the far future", { expires: "9999-12-31T23:59:59Z" }],
    ["a life past its class", { expires: "2026-12-01T08:00:01Z" }],
    ["an endless life", { expires: undefined, ttl: "99999w" }],
    ["a life of nothing", { expires: undefined, ttl: "0s" }],
    ["a negative life", { expires: undefined, ttl_ns: -1 }],
    ["a life beyond exact numbers", { expires: undefined, ttl_ns: 2 ** 60 }],
    ["an end before its beginning", { expires: "2026-11-24T07:00:00Z" }],
    ["no beginning", { created: undefined }],
    ["a beginning that is none", { created: "yesterday" }],
  ])("is no waiver with %s", async (_, differing) => {
    clock.now = new Date("2026-11-24T09:00:00Z");
    expect(waive(aWaiver(unsigned, differing))).toEqual([]);
    expect((await decide()).allowed).toBe(false);
  });

  it("ends at the earliest of its ends, in whatever zone they are written", async () => {
    waive(aWaiver(unsigned, { expires: "2026-11-24T10:30:00+01:00", ttl: "7d" }));
    clock.now = new Date("2026-11-24T09:29:59Z");
    expect((await decide()).allowed).toBe(true);
    clock.now = new Date("2026-11-24T09:30:00Z");
    expect((await decide()).allowed).toBe(false);
  });

  it("does not count again because another one begins later", async () => {
    const next = {
      id: "W-2",
      created: "2026-11-24T11:00:00Z",
      expires: "2026-11-24T12:00:00Z",
      renews: "W-1",
    };
    waive(aWaiver(unsigned), aWaiver(unsigned, next));
    clock.now = new Date("2026-11-24T10:30:00Z");
    expect((await decide()).allowed).toBe(false);
    clock.now = new Date("2026-11-24T11:00:00Z");
    expect((await decide()).allowed).toBe(true);
  });
});
