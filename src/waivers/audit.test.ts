import { describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { auditWaivers, type Running, type Uses, type WaiverAudit } from "./audit.ts";
import { parseWaivers, type Waiver } from "./registry.ts";

const NOW = new Date("2026-11-25T10:00:00Z");
const [APP, TOOL] = [digestOf("app"), digestOf("tool")];

function waivers(differing: Readonly<Record<string, object>>): readonly Waiver[] {
  const written = Object.entries(differing).map(([id, each]) => ({
    id,
    class: "signature",
    digest: APP,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T10:00:00Z",
    ttl: "7d",
    ...each,
  }));
  const parsed = parseWaivers(JSON.stringify({ waivers: written }));
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value.waivers;
}

const ids = (all: readonly Waiver[] | undefined): string[] | undefined => all?.map(({ id }) => id);

describe("auditWaivers", () => {
  const STATES = waivers({
    LATER: { created: "2026-11-26T10:00:00Z" },
    LONG: {},
    ENDING: { ttl: "2d" },
    GONE: { created: "2026-11-20T10:00:00Z", ttl: "1d" },
  });

  it("sorts by what ends soonest, and knows what counts", () => {
    const audit = auditWaivers(STATES, { now: NOW });
    expect(ids(audit.pending)).toEqual(["LATER"]);
    expect(audit.active.map(({ waiver }) => waiver.id)).toEqual(["ENDING", "LONG"]);
    expect(audit.ending.map(({ waiver }) => waiver.id)).toEqual(["ENDING"]);
    expect(ids(audit.expired)).toEqual(["GONE"]);
    expect([audit.hit, audit.unused, audit.active[0]!.refused]).toEqual([undefined, undefined, undefined]);
  });

  it.each<[string, Partial<Uses>, string[], string[] | undefined]>([
    ["nothing was used", {}, [], ["ENDING", "LONG"]],
    ["one was used", { used: new Map([["LONG", 3]]) }, [], ["ENDING"]],
    ["one was met after its end", { hits: new Map([["GONE", 2]]) }, ["GONE"], ["ENDING", "LONG"]],
    ["not all uses are known", { isPartial: true }, [], undefined],
  ])("says what is of no use where %s", (_, known, hit, unused) => {
    const uses = {
      used: new Map<string, number>(),
      hits: new Map<string, number>(),
      isPartial: false,
      ...known,
    };
    const audit = auditWaivers(STATES, { now: NOW, uses });
    expect(audit.hit?.map(({ waiver }) => waiver.id)).toEqual(hit);
    expect(ids(audit.unused)).toEqual(unused);
  });

  it("puts the widest first: by place, findings, repository and time", () => {
    const all = waivers({
      NARROW: {
        namespaces: ["shop"],
        image: "ghcr.io/acme/app",
        class: "vulnerability",
        findings: ["CVE-1"],
      },
      ANY_REPOSITORY: { namespaces: ["shop"], class: "vulnerability", findings: ["CVE-1"] },
      TWO: { namespaces: ["shop"], class: "vulnerability", findings: ["CVE-1", "CVE-2", "CVE-3"] },
      EVERYWHERE: { class: "vulnerability", findings: ["CVE-1"] },
      WHOLE_CLASS: {},
      SHORT: { ttl: "2d" },
    });
    const { widest } = auditWaivers(all, { now: NOW });
    expect(widest.map(({ waiver }) => waiver.id)).toEqual([
      "WHOLE_CLASS",
      "SHORT",
      "EVERYWHERE",
      "TWO",
      "ANY_REPOSITORY",
      "NARROW",
    ]);
    expect(widest.at(-1)!.width).toEqual({
      score: 7,
      because: ["1 namespace(s)", "one repository", "1 finding(s)", "7d"],
    });
    expect(widest[0]!.width).toEqual({
      score: 140_000,
      because: ["every namespace", "any repository", "everything of class signature", "7d"],
    });
  });

  it("names ten at most", () => {
    const many = waivers(Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`W-${at}`, {}])));
    expect(auditWaivers(many, { now: NOW }).widest).toHaveLength(10);
  });
});

const container = (differing: Partial<Running> = {}): Running => ({
  namespace: "shop",
  text: "shop/web (app)",
  repository: "ghcr.io/acme/app",
  digests: [APP],
  ...differing,
});

/** Whether something is refused when W ends. */
function refused(differing: Readonly<Record<string, object>>, ...running: Running[]): boolean {
  const { active } = auditWaivers(waivers(differing), { now: NOW, running });
  return active.find(({ waiver }) => waiver.id === "W")!.refused!.length > 0;
}

describe("what would be refused when a waiver ends", () => {
  it.each<[string, object, Partial<Running>, boolean]>([
    ["its image", {}, {}, true],
    ["its image by what the node says", {}, { digests: [TOOL, APP] }, true],
    ["another image", {}, { digests: [TOOL] }, false],
    ["its image in its namespace", { namespaces: ["bank", "shop"] }, {}, true],
    ["its image in another namespace", { namespaces: ["bank"] }, {}, false],
    ["its repository", { image: "ghcr.io/acme/app" }, {}, true],
    ["another repository of its digest", { image: "ghcr.io/acme/other" }, {}, false],
    ["a reference that could not be read", { image: "ghcr.io/acme/app" }, { repository: undefined }, false],
  ])("is %s", (_, waiver, running, expected) => {
    expect(refused({ W: waiver }, container(running))).toBe(expected);
  });

  it.each<[string, object, boolean]>([
    ["as wide and ends later", { ttl: "7d" }, false],
    ["as wide and ends with it", { ttl: "5d" }, true],
    ["as wide and begins after its end", { created: "2026-11-29T10:00:01Z" }, true],
    ["as wide and begins when it ends", { created: "2026-11-29T10:00:00Z" }, false],
    ["for another class", { class: "sbom", ttl: "7d" }, true],
    ["for another digest", { digest: TOOL, ttl: "7d" }, true],
    ["for another namespace", { namespaces: ["bank"], ttl: "7d" }, true],
    ["for this namespace", { namespaces: ["shop"], ttl: "7d" }, false],
    ["for another repository", { image: "ghcr.io/acme/other", ttl: "7d" }, true],
  ])("is nothing where another one is %s: %s", (_, other, expected) => {
    expect(refused({ W: { ttl: "5d" }, OTHER: other }, container())).toBe(expected);
  });

  it.each<[string, string[], boolean]>([
    ["the same finding", ["CVE-1"], false],
    ["more findings", ["CVE-2", "CVE-1"], false],
    ["another finding", ["CVE-2"], true],
  ])("looks at the findings of the other one: %s", (_, findings, expected) => {
    const own = { class: "vulnerability", findings: ["CVE-1"], ttl: "5d" };
    const other = { class: "vulnerability", findings };
    expect(refused({ W: own, OTHER: other }, container())).toBe(expected);
  });
});

function overlapping(one: object, other: object): WaiverAudit["overlapping"] {
  return auditWaivers(waivers({ ONE: one, OTHER: other }), { now: NOW }).overlapping;
}

describe("two waivers for the same", () => {
  it.each<[string, object, object, string | undefined]>([
    ["the one that ends sooner", { ttl: "3d" }, {}, "ONE"],
    ["the narrower one", {}, { namespaces: ["shop"] }, "OTHER"],
    ["the one for one repository", { image: "ghcr.io/acme/app" }, {}, "ONE"],
    ["the one that begins later", {}, { created: "2026-11-25T10:00:00Z", ttl: "1d" }, "OTHER"],
    ["neither of a longer and a wider one", { ttl: "3d" }, { namespaces: ["shop"] }, undefined],
    [
      "the one with fewer findings",
      { class: "vulnerability", findings: ["CVE-1", "CVE-2"] },
      { class: "vulnerability", findings: ["CVE-2"] },
      "OTHER",
    ],
  ])("are one too many, %s", (_, one, other, spare) => {
    const [found] = overlapping(one, other);
    expect(found).toBeDefined();
    expect(found!.spare?.id).toBe(spare);
  });

  it("overlap from the later beginning to the sooner end", () => {
    const [found] = overlapping({ ttl: "3d" }, { created: "2026-11-25T12:00:00Z" });
    expect(found).toMatchObject({
      from: new Date("2026-11-25T12:00:00Z"),
      until: new Date("2026-11-27T10:00:00Z"),
    });
  });

  it.each<[string, object, object]>([
    ["another digest", {}, { digest: TOOL }],
    ["another class", {}, { class: "sbom" }],
    ["other namespaces", { namespaces: ["shop"] }, { namespaces: ["bank"] }],
    ["other repositories", { image: "ghcr.io/acme/app" }, { image: "ghcr.io/acme/other" }],
    [
      "other findings",
      { class: "vulnerability", findings: ["CVE-1"] },
      { class: "vulnerability", findings: ["CVE-2"] },
    ],
    ["a time after the other's end", { ttl: "2d" }, { created: "2026-11-26T10:00:00Z" }],
  ])("are none for %s", (_, one, other) => {
    expect(overlapping(one, other)).toEqual([]);
  });
});
