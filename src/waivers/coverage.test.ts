import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { digestOf, type Finding } from "../core/index.ts";
import { coveringWaiver, stateOf } from "./coverage.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "./registry.ts";

const DIGEST = digestOf("an image");
const FROM = Date.parse("2026-11-24T09:00:00Z");
const UNTIL = Date.parse("2026-11-26T09:00:00Z");
const AT = { image: "ghcr.io/acme/app", namespace: "shop", now: new Date(FROM) };
const FINDING: Finding = {
  kind: "finding",
  code: "signature/missing",
  subject: { image: "x", place: "y" },
  digest: DIGEST,
  message: "m",
};

function registry(...waivers: readonly object[]): WaiverRegistry {
  const base = {
    class: "signature",
    digest: DIGEST,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T09:00:00Z",
    ttl: "2d",
  };
  const parsed = parseWaivers(
    JSON.stringify({ waivers: waivers.map((each, at) => ({ id: `W-${at}`, ...base, ...each })) }),
  );
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

const one = registry({});

describe("coveringWaiver", () => {
  it.each([
    [FROM - 1, false],
    [FROM, true],
    [FROM + 1, true],
    [UNTIL - 1, true],
    [UNTIL, false],
    [UNTIL + 1, false],
  ])("counts from its first instant to before its end (%i: %s)", (now, covers) => {
    expect(coveringWaiver(one, FINDING, { ...AT, now: new Date(now) })?.id).toBe(covers ? "W-0" : undefined);
  });

  it.each<[string, object, Partial<Finding & typeof AT>, boolean]>([
    ["its digest", {}, {}, true],
    ["another digest", {}, { digest: digestOf("other") }, false],
    ["another code of its class", {}, { code: "signature/invalid" }, true],
    ["another class", {}, { code: "provenance/missing" }, false],
    ["a reference", {}, { code: "reference/unpinned" }, false],
    ["an image that no rule covers", {}, { code: "policy/unmatched" }, false],
    ["its image", { image: "ghcr.io/acme/app" }, {}, true],
    ["another image of its digest", { image: "ghcr.io/acme/app" }, { image: "ghcr.io/acme/other" }, false],
    ["an image that begins alike", { image: "ghcr.io/acme/app" }, { image: "ghcr.io/acme/app2" }, false],
    ["its namespaces", { namespaces: ["a", "shop"] }, {}, true],
    ["another namespace", { namespaces: ["a", "shop"] }, { namespace: "prod" }, false],
    ["a namespace that begins alike", { namespaces: ["shop"] }, { namespace: "shop-2" }, false],
  ])("covers %s: %o", (_, waiver, differing, covers) => {
    const waivers = registry(waiver);
    expect(coveringWaiver(waivers, { ...FINDING, ...differing }, { ...AT, ...differing }) !== undefined).toBe(
      covers,
    );
  });

  it("covers no finding without a digest, and nothing where there are no waivers", () => {
    const { digest: _, ...undigested } = FINDING;
    expect(coveringWaiver(one, undigested, AT)).toBeUndefined();
    expect(coveringWaiver(NO_WAIVERS, FINDING, AT)).toBeUndefined();
  });

  it("names the one that ends last where several cover", () => {
    const several = registry({ ttl: "1d" }, { ttl: "3d" }, { ttl: "2d" });
    expect(coveringWaiver(several, FINDING, AT)?.id).toBe("W-1");
  });

  it("does not add two waivers up", () => {
    const waivers = registry(
      { class: "vulnerability", findings: ["CVE-1"] },
      { class: "vulnerability", findings: ["CVE-2"] },
      { class: "vulnerability", findings: ["CVE-3", "CVE-4"] },
    );
    const about = (...ids: string[]): string | undefined =>
      coveringWaiver(waivers, { ...FINDING, code: "vulnerability/blocked", ids }, AT)?.id;
    expect(about("CVE-1")).toBe("W-0");
    expect(about("CVE-4", "CVE-3")).toBe("W-2");
    expect(about("CVE-1", "CVE-2")).toBeUndefined();
    expect(about()).toBeUndefined();
  });

  it("is the window's half-open interval, whatever the dates", () => {
    const ms = fc.integer({ min: 0, max: 7 * 86_400_000 });
    fc.assert(
      fc.property(ms, ms, ms, (start, life, now) => {
        fc.pre(life >= 1000);
        const created = new Date(FROM + start);
        const expires = new Date(FROM + start + life);
        const waivers = registry({
          created: created.toISOString(),
          expires: expires.toISOString(),
          ttl: "7d",
        });
        const at = new Date(FROM + now);
        const covered = coveringWaiver(waivers, FINDING, { ...AT, now: at }) !== undefined;
        expect(covered).toBe(at >= created && at < expires);
        const [waiver] = waivers.waivers;
        expect(covered).toBe(["active", "ending"].includes(stateOf(waiver!, at)));
      }),
    );
  });
});

describe("stateOf", () => {
  const HOUR = 3_600_000;
  const [long] = registry({ ttl: "5d" }).waivers;

  it.each([
    [FROM - 1, "pending"],
    [FROM, "active"],
    [FROM + 72 * HOUR - 1, "active"],
    [FROM + 72 * HOUR, "ending"],
    [FROM + 120 * HOUR - 1, "ending"],
    [FROM + 120 * HOUR, "expired"],
  ])("at %i it is %s", (now, state) => {
    expect(stateOf(long!, new Date(now))).toBe(state);
  });
});
