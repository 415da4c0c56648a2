import { afterAll, describe, expect, it } from "vitest";

import { parseRevocations } from "../../src/revocations/index.ts";
import { parseWaivers } from "../../src/waivers/index.ts";
import { DIGEST } from "../support/policies.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, gate, waive, decide } = world;

afterAll(world.close);

describe("E39: two waivers under one name", () => {
  it("both stop counting, whichever stands first and whatever they differ in", async () => {
    const narrow = aWaiver(unsigned, { namespaces: ["shop"] });
    expect(waive(narrow)).toEqual(["W-1"]);
    expect((await decide()).allowed).toBe(true);
    const twins = [narrow, aWaiver(unsigned, { reason: "Another reason, of at least twenty characters." })];
    for (const order of [twins, twins.toReversed()]) {
      expect(waive(...order)).toEqual([]);
      expect((await decide()).allowed).toBe(false);
    }
    expect(gate.waivers.current()!.problems.map(({ rule }) => rule)).toEqual([
      "duplicate-id",
      "duplicate-id",
    ]);
  });

  it("leave the others alone", async () => {
    const other = aWaiver(unsigned, { id: "W-2" });
    expect(waive(aWaiver(unsigned), other, aWaiver(unsigned))).toEqual(["W-2"]);
    expect((await decide()).allowed).toBe(true);
  });

  it("are two also where one of them is broken by itself", () => {
    const broken = aWaiver(unsigned, { ttl: "400d", expires: undefined });
    expect(waive(aWaiver(unsigned), broken)).toEqual([]);
  });

  it("are two short forms of one digest: neither may grow by the other", () => {
    const short = {
      digest: unsigned,
      created: "2026-11-24T08:00:00Z",
      ttl_ns: 3_600_000_000_000,
      owner: "team",
    };
    expect(waive(short)).toHaveLength(1);
    expect(waive(short, { ...short, ttl_ns: 2 * 3_600_000_000_000 })).toEqual([]);
  });
});

function rulesIn(text: string): readonly string[] {
  const parsed = parseWaivers(text);
  return (parsed.ok ? parsed.value.problems : parsed.problems).map(({ rule }) => rule);
}

describe("E39: one key twice", () => {
  const WAIVER = `
  - id: W-1
    class: signature
    digest: ${DIGEST}
    reason: The supplier signs from the next release on.
    owners: [team-shop]
    created: 2026-11-24T08:00:00Z
    ttl: 2h
`;

  it.each<[string, string]>([
    ["in a waiver", `waivers:${WAIVER}    ttl: 7d\n`],
    ["in another spelling", `waivers:${WAIVER}    "ttl": 7d\n`],
    ["by a merge", `waivers:${WAIVER}    <<: { ttl: 7d }\n`],
    ["of the document", `waivers:${WAIVER}waivers: []\n`],
    ["in a second document", `waivers:${WAIVER}---\nwaivers: []\n`],
    ["in JSON", `{"waivers": [], "waivers": []}`],
  ])("%s is refused, not merged", (_, text) => {
    expect(rulesIn(`waivers:${WAIVER}`)).toEqual([]);
    expect(rulesIn(text)).not.toEqual([]);
    const parsed = parseWaivers(text);
    expect(parsed.ok ? parsed.value.waivers : []).toEqual([]);
  });

  it("is refused in revocations as a whole, so that none is lost", () => {
    const entry = {
      id: "R-1",
      digest: DIGEST,
      reason: "The image was built by a stolen runner.",
      created: "2026-11-24T08:00:00Z",
    };
    expect(parseRevocations(JSON.stringify({ revocations: [entry] })).ok).toBe(true);
    expect(
      parseRevocations(JSON.stringify({ revocations: [entry, { ...entry, digest: unsigned }] })).ok,
    ).toBe(false);
    expect(gate.revocations.offer(JSON.stringify({ revocations: [entry, entry] }))).not.toEqual([]);
  });
});
