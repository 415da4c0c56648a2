import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { waiversJsonSchema } from "./index.ts";
import { parseWaivers, type Waiver, type WaiverRegistry } from "./registry.ts";
import { RULES } from "./rules.ts";

const DIGEST = digestOf("an image");
const OTHER = digestOf("another image");
const SHORT = {
  digest: DIGEST,
  created: "2026-11-24T09:00:00Z",
  ttl_ns: 604_800_000_000_000,
  owner: "team-shop",
};
const FULL = {
  id: "WA-1",
  class: "signature",
  digest: DIGEST,
  reason: "The supplier signs from the next release on.",
  owners: ["team-shop"],
  created: "2026-11-24T09:00:00Z",
  ttl: "7d",
};
const SEATS = [
  { by: "mia", seat: "release-manager", at: "2026-11-24T08:00:00Z" },
  { by: "sam", seat: "devsecops", at: "2026-11-24T08:00:00Z" },
];
const EMERGENCY = { ...FULL, class: "provenance", ttl: "72h", requestedBy: "ana", approvals: SEATS };

function read(...waivers: readonly object[]): WaiverRegistry {
  const parsed = parseWaivers(JSON.stringify({ waivers }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function only(...waivers: readonly object[]): Waiver {
  const { waivers: sound, problems } = read(...waivers);
  expect(problems).toEqual([]);
  expect(sound).toHaveLength(1);
  return sound[0]!;
}

function without(waiver: object, key: string): object {
  return Object.fromEntries(Object.entries(waiver).filter(([name]) => name !== key));
}

/** Waivers that break a rule, by the rule. */
const BROKEN: readonly (readonly [rule: string, waiver: object])[] = [
  ["no-owner", without(FULL, "owners")],
  ["owner-twice", { ...FULL, owner: "team-shop" }],
  ["no-end", without(FULL, "ttl")],
  ["ends-before-it-starts", { ...FULL, expires: FULL.created }],
  ["ends-before-it-starts", { ...FULL, expires: "2020-01-01T00:00:00Z" }],
  ["ends-before-it-starts", { ...without(FULL, "ttl"), ttl_ns: 1 }],
  ["too-long", { ...FULL, ttl: "7d1s" }],
  ["too-long", { ...FULL, class: "vulnerability", findings: ["CVE-1"], ttl: "31d" }],
  ["too-long", { ...FULL, class: "sbom", ttl: "30d1s" }],
  ["too-long", { ...EMERGENCY, ttl: "73h" }],
  ["too-long", { ...EMERGENCY, class: "promotable", ttl: "4d" }],
  ["too-long", { ...without(FULL, "ttl"), expires: "9999-01-01T00:00:00Z" }],
  ["no-id", without(FULL, "id")],
  ["no-class", without(FULL, "class")],
  ["no-reason", without(FULL, "reason")],
  ["no-reason", { ...SHORT, class: "provenance", id: "x" }],
  ["no-id", { ...SHORT, class: "signature" }],
  ["no-reason", { ...SHORT, approvals: SEATS }],
  ["no-findings", { ...FULL, class: "vulnerability" }],
  ["no-findings", { ...SHORT, id: "x", class: "vulnerability", reason: FULL.reason }],
  ["bad-finding", { ...FULL, class: "vulnerability", findings: ["cve-2026-1111"] }],
  ["bad-finding", { ...FULL, class: "vulnerability", findings: ["CVE-2026-0001", "CVE-2026-*"] }],
  ["bad-finding", { ...FULL, class: "vulnerability", findings: ["CVE 2026 1111"] }],
  ["bad-finding", { ...FULL, class: "vulnerability", findings: ["CVE-2026-1111 "] }],
  ["findings-of-another-class", { ...FULL, findings: ["CVE-2026-1"] }],
  ["self-approved", { ...FULL, requestedBy: "mia", approvals: SEATS }],
  ["self-approved", { ...FULL, requestedBy: " MIA ", approvals: SEATS }],
  ["self-approved", { ...FULL, requestedBy: "oidc:mia", approvals: SEATS }],
  ["self-approved", { ...FULL, requestedBy: "@Mia@acme.test", approvals: SEATS }],
  ["approved-twice", { ...FULL, approvals: [SEATS[0]!, { ...SEATS[1]!, by: "Mia" }] }],
  ["approved-twice", { ...FULL, approvals: [SEATS[0]!, { ...SEATS[1]!, by: "mia@acme.test" }] }],
  ["ambiguous-name", { ...FULL, approvals: [SEATS[0]!, { ...SEATS[1]!, by: "mіa" }] }],
  ["ambiguous-name", { ...EMERGENCY, requestedBy: "ѕam" }],
  ["ambiguous-name", { ...EMERGENCY, owners: ["team-shop", "Éva"] }],
  ["not-approved", without(EMERGENCY, "approvals")],
  ["not-approved", { ...EMERGENCY, approvals: [SEATS[0]!] }],
  ["not-approved", { ...EMERGENCY, approvals: [SEATS[0]!, { ...SEATS[1]!, seat: "service-owner" }] }],
  ["not-approved", { ...EMERGENCY, approvals: [SEATS[0]!, { ...SEATS[1]!, by: "MIA" }] }],
  ["not-approved", { ...EMERGENCY, owners: ["team-shop", "sam"] }],
  ["not-approved", { ...EMERGENCY, requestedBy: "sam" }],
  ["not-approved", { ...EMERGENCY, owners: ["sso/sam"] }],
  ["not-approved", { ...EMERGENCY, approvals: [SEATS[0]!, { ...SEATS[1]!, by: "mia@acme.test" }] }],
  ["not-approved", { ...without(EMERGENCY, "approvals"), class: "promotable" }],
  ["renews-itself", { ...FULL, renews: "WA-1" }],
];

describe("parseWaivers", () => {
  it("reads the full form", () => {
    expect(only({ ...FULL, ticket: "SEC-1", image: "ghcr.io/acme/app", namespaces: ["shop"] })).toEqual({
      id: "WA-1",
      class: "signature",
      digest: DIGEST,
      image: "ghcr.io/acme/app",
      namespaces: ["shop"],
      owners: ["team-shop"],
      approvals: [],
      reason: FULL.reason,
      ticket: "SEC-1",
      from: new Date("2026-11-24T09:00:00Z"),
      until: new Date("2026-12-01T09:00:00Z"),
      place: { line: 1, column: 13 },
    });
  });

  it("reads the short form as a waiver of vulnerabilities, once it has an owner", () => {
    const waiver = only(SHORT);
    expect(waiver).toMatchObject({ class: "vulnerability", owners: ["team-shop"] });
    expect(waiver.id).toBe(`short-${DIGEST.slice(7, 19)}`);
    expect(waiver.until).toEqual(new Date("2026-12-01T09:00:00Z"));
    expect(read(without(SHORT, "owner")).problems).toMatchObject([{ rule: "no-owner" }]);
  });

  it.each([
    [{ ttl: "2d" }, "2026-11-26T09:00:00Z"],
    [{ ttl: "2d", expires: "2026-11-25T09:00:00Z" }, "2026-11-25T09:00:00Z"],
    [{ ttl: "1h30m", expires: "2026-11-25T09:00:00Z" }, "2026-11-24T10:30:00Z"],
    [{ ttl: "2d", ttl_ns: 3_600_000_000_000 }, "2026-11-24T10:00:00Z"],
    [{ ttl: "2d", expires: "2026-11-25T09:00:00+02:00" }, "2026-11-25T07:00:00Z"],
  ])("ends at the earliest of %o", (ends, until) => {
    expect(only({ ...FULL, ...ends }).until).toEqual(new Date(until));
  });

  it.each(BROKEN)("is no waiver by the rule %s (%#)", (rule, waiver) => {
    const { waivers, problems } = read(waiver);
    expect(waivers).toEqual([]);
    expect(problems.map((problem) => problem.rule)).toContain(rule);
  });

  it("has a case for every rule", () => {
    const tried = new Set([...BROKEN.map(([rule]) => rule), "renewed-too-often"]);
    expect(Object.keys(RULES).filter((rule) => !tried.has(rule))).toEqual([]);
  });

  it("takes an emergency waiver with both seats", () => {
    expect(only(EMERGENCY).class).toBe("provenance");
  });

  it("says who asked, who approved in which seat, and what a signature must be over", () => {
    const [mia, sam] = SEATS;
    const { requestedBy, approvals } = only({ ...EMERGENCY, approvals: [{ ...mia!, bundle: "{}" }, sam!] });
    expect(requestedBy).toBe("ana");
    const { approvals: _, ...signed } = EMERGENCY;
    expect(approvals).toEqual([
      { by: "mia", seat: "release-manager", bundle: "{}", signs: expect.any(String) },
      { by: "sam", seat: "devsecops" },
    ]);
    expect(JSON.parse(approvals[0]!.signs!)).toEqual({
      type: "https://mc-gate.dev/waiver-approval/v1",
      by: "mia",
      seat: "release-manager",
      waiver: signed,
    });
    expect(only(FULL)).not.toHaveProperty("requestedBy");
  });

  it("gives an approval the same text to sign whether or not the document has its version", () => {
    const approvals = SEATS.map((each) => ({ ...each, bundle: "{}" }));
    const document = { waivers: [{ ...EMERGENCY, approvals }] };
    const [plain, versioned] = [document, { apiVersion: "mc-gate.dev/v1", ...document }].map((each) => {
      const parsed = parseWaivers(JSON.stringify(each));
      return parsed.ok ? parsed.value.waivers[0]?.approvals.map(({ signs }) => signs) : undefined;
    });
    expect(plain).toEqual([expect.any(String), expect.any(String)]);
    expect(versioned).toEqual(plain);
  });

  it("gives a signature nothing to be over where a text is no Unicode", () => {
    const approvals = SEATS.map((each) => ({ ...each, bundle: "{}" }));
    const [approval] = only({ ...EMERGENCY, ticket: "SEC-\ud800", approvals }).approvals;
    expect(approval).toEqual({ by: "mia", seat: "release-manager", bundle: "{}" });
  });

  it.each([
    ["nginx:1.27", "here docker.io/library/nginx."],
    ["not an image", "such as ghcr.io/acme/app."],
  ])("takes no %s for the name of a repository, and says how it is written", (image, hint) => {
    expect(read({ ...FULL, image }).problems).toMatchObject([
      { rule: "bad-image", path: "waivers[0].image", message: expect.stringContaining(hint) },
    ]);
  });

  it.each([
    ["the approvals where there are some", { approvals: SEATS.slice(1) }, "waivers[0].approvals"],
    ["the class where there are none", { approvals: [] }, "waivers[0].class"],
  ])("points at %s", (_, differing, path) => {
    expect(read({ ...EMERGENCY, ...differing }).problems).toMatchObject([{ rule: "not-approved", path }]);
  });

  it("counts renewals", () => {
    const chain = ["WA-1", "WA-2", "WA-3", "WA-4"].map((id, at) => ({ ...FULL, id, renews: `WA-${at}` }));
    const { waivers, problems } = read(without(chain[0]!, "renews"), ...chain.slice(1));
    expect(waivers.map(({ id }) => id)).toEqual(["WA-1", "WA-2", "WA-3"]);
    expect(problems).toMatchObject([{ rule: "renewed-too-often", path: "waivers[3].renews" }]);
    const circle = [
      { ...FULL, id: "A", renews: "B" },
      { ...FULL, id: "B", renews: "A" },
    ];
    expect(read(...circle).waivers).toEqual([]);
  });

  it.each<[string, object]>([
    ["an unknown key", { ...FULL, digests: [] }],
    ["no digest", without(FULL, "digest")],
    ["a short digest", { ...FULL, digest: "sha256:deadbeef" }],
    ["a tag for a digest", { ...FULL, digest: "latest" }],
    ["an upper-case digest", { ...FULL, digest: DIGEST.toUpperCase() }],
    ["no beginning", without(FULL, "created")],
    ["a beginning in words", { ...FULL, created: "soon" }],
    ["a day alone", { ...FULL, created: "2026-11-24" }],
    ["a beginning without a zone", { ...FULL, created: "2026-11-24T09:00:00" }],
    ["a day that the calendar lacks", { ...FULL, created: "2026-02-29T09:00:00Z" }],
    ["a number for an instant", { ...FULL, created: 1_764_000_000 }],
    ["an end that cannot be read", { ...FULL, expires: "never" }],
    ["an end of null", { ...FULL, expires: null }],
    ["a lifetime that is negative", { ...FULL, ttl: "-1h" }],
    ["a lifetime of nothing", { ...FULL, ttl: "0s" }],
    ["a lifetime with junk", { ...FULL, ttl: "7d and more" }],
    ["a lifetime as a number", { ...FULL, ttl: 7 }],
    ["nanoseconds past 2^53", { ...SHORT, ttl_ns: 2 ** 53 }],
    ["nanoseconds far past 2^53", { ...SHORT, ttl_ns: 1e300 }],
    ["nanoseconds as text", { ...SHORT, ttl_ns: "604800000000000" }],
    ["negative nanoseconds", { ...SHORT, ttl_ns: -1 }],
    ["a fraction of a nanosecond", { ...SHORT, ttl_ns: 1.5 }],
    ["an unknown class", { ...FULL, class: "all" }],
    ["a class that cannot be waived", { ...FULL, class: "reference" }],
    ["a class of two", { ...FULL, class: ["signature", "provenance"] }],
    ["a reason of a word", { ...FULL, reason: "because" }],
    ["an empty owner", { ...FULL, owners: [""] }],
    ["a blank owner", { ...FULL, owners: ["   "] }],
    ["an owner of two lines", { ...FULL, owners: ["team\nWarning: all is well"] }],
    ["no owners", { ...FULL, owners: [] }],
    ["no namespaces", { ...FULL, namespaces: [] }],
    ["a glob of namespaces", { ...FULL, namespaces: ["*"] }],
    ["a short image", { ...FULL, image: "nginx" }],
    ["an image with a tag", { ...FULL, image: "ghcr.io/acme/app:1" }],
    ["a glob of images", { ...FULL, image: "ghcr.io/acme/*" }],
    ["no findings", { ...FULL, class: "vulnerability", findings: [] }],
    ["an id with a space", { ...FULL, id: "WA 1" }],
    ["an approval of nobody", { ...FULL, approvals: [{ seat: "devsecops", at: FULL.created }] }],
    ["text", "WA-1" as unknown as object],
    ["nothing", null as unknown as object],
  ])("%s makes an entry no waiver, and the others count", (_, waiver) => {
    const { waivers, problems } = read(waiver, { ...FULL, id: "WA-2" });
    expect(waivers.map(({ id }) => id)).toEqual(["WA-2"]);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every(({ path }) => path.startsWith("waivers[0]"))).toBe(true);
  });

  it("lets none of several waivers of one id count", () => {
    const { waivers, problems } = read(FULL, { ...FULL, digest: OTHER }, { ...FULL, id: "WA-2" });
    expect(waivers.map(({ id }) => id)).toEqual(["WA-2"]);
    expect(problems.map(({ rule }) => rule)).toEqual(["duplicate-id", "duplicate-id"]);
    expect(problems.map(({ path }) => path)).toEqual(["waivers[0].id", "waivers[1].id"]);
    const short = read(SHORT, SHORT);
    expect(short.waivers).toEqual([]);
    expect(short.problems.map(({ path }) => path)).toEqual(["waivers[0].digest", "waivers[1].digest"]);
  });

  it.each([
    ["", "wrong-type"],
    ["[]", "wrong-type"],
    ["waivers: {}", "wrong-type"],
    ["waivers: []\nother: 1", "wrong-type"],
    ["apiVersion: mc-gate.dev/v1\nwaivers: []\nother: 1", "wrong-type"],
    ["apiVersion: mc-gate.dev/v2\nwaivers: []", "api-version"],
    ["apiVersion:\nwaivers: []", "api-version"],
    ["waivers: []\nwaivers: []", "duplicate-key"],
    ["waivers: [{ id: a, id: b }]", "duplicate-key"],
    ["waivers: [&a {}, *a]", "alias"],
    ["waivers: [", "yaml"],
    [`waivers: [${"{},".repeat(20_001)}]`, "too-many"],
    [`#${" ".repeat(1024 * 1024)}`, "too-large"],
  ])("fails as a whole where the document is unreadable (%#)", (text, rule) => {
    expect(parseWaivers(text)).toMatchObject({ ok: false, problems: [{ rule }] });
  });

  it("shows each problem's line", () => {
    const parsed = parseWaivers("waivers:\n  - id: a\n    owner: x\n  - digest: short\n");
    const lines = parsed.ok ? parsed.value.problems.map(({ line, rule }) => `${line} ${rule}`) : [];
    expect(lines).toEqual(["2 missing-key", "2 missing-key", "4 missing-key", "4 bad-digest"]);
  });

  it("bounds problems, and long lines cost no time", () => {
    const { problems } = read(...Array.from({ length: 5000 }, () => ({})));
    expect(problems).toHaveLength(1000);
    expect(read({ ...FULL, ticket: `${"a".repeat(500_000)}\n` }).waivers).toEqual([]);
  });

  it("never throws, and counts nothing that it cannot read", () => {
    const keys = fc.constantFrom(
      ...Object.keys({ ...SHORT, ...EMERGENCY, image: 1, findings: 1, expires: 1, renews: 1 }),
    );
    const values = fc.oneof(
      fc.constantFrom(null, "", "WA-1", "7d", FULL.created, DIGEST, [], {}, ["x"], 0, -1, 2 ** 60, true),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(keys, values), { maxLength: 4 }), (edits) => {
        const text = JSON.stringify({ waivers: [{ ...EMERGENCY, ...Object.fromEntries(edits) }] });
        const parsed = parseWaivers(text);
        for (const { from, until, owners } of parsed.ok ? parsed.value.waivers : []) {
          expect(until.getTime()).toBeGreaterThan(from.getTime());
          expect(until.getTime() - from.getTime()).toBeLessThanOrEqual(30 * 86_400_000);
          expect(owners[0]).toMatch(/\S/);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe("the waivers' JSON Schema", () => {
  it("describes every key", () => {
    const schema = waiversJsonSchema() as { properties: { waivers: { items: { properties: object } } } };
    const properties = Object.values(schema.properties.waivers.items.properties) as {
      description?: string;
    }[];
    expect(properties.length).toBeGreaterThan(15);
    expect(properties.every(({ description }) => description !== undefined)).toBe(true);
  });
});
