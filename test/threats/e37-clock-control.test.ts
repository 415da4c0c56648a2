import { afterAll, beforeEach, describe, expect, it, vi } from "vitest";

import { buildProgram } from "../../src/cli/program.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { Settings } from "../../src/serve/settings/settings.ts";
import { parseWaivers } from "../../src/waivers/index.ts";
import { aPod, aReview } from "../support/review.ts";
import { aWaiver, BEGIN, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, registry, gate, waive, clock, decide, policy } = world;
const AFTER = new Date("2026-11-24T12:00:00Z");
const WITHIN = BEGIN.toISOString();

beforeEach(() => {
  waive(aWaiver(unsigned));
  clock.now = AFTER;
});

afterAll(world.close);

function pod(metadata: object = {}): unknown {
  return {
    ...(aPod(`${registry.host}/acme/app@${unsigned}`) as object),
    metadata: { name: "web", ...metadata },
  };
}

describe("E37: a clock that somebody else turns", () => {
  it("is turned by the gate's own clock alone: the waiver has ended", async () => {
    expect((await decide()).allowed).toBe(false);
    clock.now = BEGIN;
    expect((await decide()).allowed).toBe(true);
  });

  it.each(["at", "now", "time", "effective-time", "effectiveTime", "date"])(
    "is not turned by the parameter %s of a request",
    async (name) => {
      const path = `/validate/enforce?${name}=${encodeURIComponent(WITHIN)}&timeout=10s`;
      expect((await gate.post(path, aReview({ object: pod() }))).body.response?.allowed).toBe(false);
    },
  );

  it("is not turned by times in the object, or beside it in the review", async () => {
    const times = {
      creationTimestamp: WITHIN,
      annotations: { "mc-gate.dev/at": WITHIN, "mc-gate.dev/now": WITHIN },
    };
    expect((await decide({ object: pod(times) })).allowed).toBe(false);
    const review = aReview({ object: pod(times) }) as { request: object };
    const request = {
      ...review.request,
      requestReceivedTimestamp: WITHIN,
      at: WITHIN,
      options: { at: WITHIN },
    };
    expect(
      (await gate.post("/validate/enforce", { ...review, at: WITHIN, request })).body.response?.allowed,
    ).toBe(false);
  });

  it("is not turned by the documents: none of them knows a clock", () => {
    for (const key of ["now", "at", "effectiveTime", "clock"]) {
      expect(waive(aWaiver(unsigned, { [key]: WITHIN }))).toEqual([]);
      expect(parseWaivers(JSON.stringify({ waivers: [], [key]: WITHIN })).ok).toBe(false);
      expect(parsePolicy(JSON.stringify({ ...(JSON.parse(policy) as object), [key]: WITHIN })).ok).toBe(
        false,
      );
      expect(gate.revocations.offer(JSON.stringify({ revocations: [], [key]: WITHIN }))).not.toEqual([]);
    }
  });

  it("is not turned by the settings, the arguments or the zone of the server", async () => {
    const sound = {
      server: { certificate: { mode: "directory", directory: "/tls" } },
      files: { policy: "p" },
    };
    expect(Settings.safeParse(sound).success).toBe(true);
    for (const key of ["now", "at", "clock", "effectiveTime"])
      expect(Settings.safeParse({ ...sound, [key]: WITHIN }).success).toBe(false);
    const serve = buildProgram("1", () => Promise.resolve()).commands.find((each) => each.name() === "serve");
    expect(serve?.options.map(({ long }) => long)).toEqual(["--settings"]);
    vi.stubEnv("TZ", "Pacific/Honolulu");
    expect((await decide()).allowed).toBe(false);
    vi.unstubAllEnvs();
  });

  it("does not begin a waiver early that says it was created later", async () => {
    waive(aWaiver(unsigned, { created: "2026-11-24T12:00:01Z", expires: "2026-11-24T13:00:00Z" }));
    expect((await decide()).allowed).toBe(false);
    clock.now = new Date("2026-11-24T12:00:01Z");
    expect((await decide()).allowed).toBe(true);
  });
});
