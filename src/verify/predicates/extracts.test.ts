import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { summary } from "../../../test/support/predicates.ts";
import { digestOf, PREDICATE_TYPES } from "../../core/index.ts";
import { extractOf, predicateTextOf } from "./index.ts";

const subject = digestOf("an image");
const { summaryV1, resultV02 } = PREDICATE_TYPES;

type Extract = ReturnType<typeof extractOf>;

function read(predicateType: string, predicate: Record<string, unknown>): Extract {
  return extractOf({ predicateType, predicate, subject });
}

describe("verification summaries", () => {
  it("keeps who, what, when and about which resource", () => {
    expect(read(summaryV1, summary()).summary).toEqual({
      kind: "vsa",
      verifier: "https://acme.test/promoter",
      result: "PASSED",
      levels: ["SLSA_BUILD_LEVEL_3"],
      verifiedAt: new Date("2026-11-24T11:00:00Z"),
      policies: [{ uri: "https://acme.test/policy", digest: `sha256:${"b".repeat(64)}` }],
      resources: ["pkg:oci/app?repository_url=ghcr.io/acme/app"],
    });
  });

  it.each([
    { verificationResult: "passed" },
    { verifier: {} },
    { verifiedLevels: "all" },
    { timeVerified: 5 },
  ])("%j is unreadable", (differing) => {
    expect(read(summaryV1, summary(differing))).toEqual({ unreadable: expect.any(String) });
  });
});

describe("simple verification results", () => {
  const result = {
    verifier: {
      id: "https://acme.test/promoter",
      policies: [{ digest: { sha256: "B".repeat(64) } }, {}, "x"],
    },
    timeCreated: "2026-11-24T11:00:00Z",
    properties: ["SLSA_BUILD_LEVEL_3"],
  };

  it("keeps what a summary says, and takes the subject's names for what it is about", () => {
    const subjectNames = ["ghcr.io/acme/app"];
    const about = { predicateType: resultV02, predicate: result, subject };
    expect(extractOf({ ...about, subjectNames }).summary).toEqual({
      kind: "svr",
      verifier: "https://acme.test/promoter",
      result: "PASSED",
      levels: ["SLSA_BUILD_LEVEL_3"],
      verifiedAt: new Date("2026-11-24T11:00:00Z"),
      policies: [{ digest: `sha256:${"b".repeat(64)}` }],
      resources: subjectNames,
    });
    expect(extractOf(about).summary?.resources).toEqual([]);
  });

  it.each([
    { verifier: { id: "https://acme.test/promoter" } },
    { verifier: { policies: [] } },
    { timeCreated: undefined },
    { timeCreated: "yesterday" },
    { properties: undefined },
    { properties: [5] },
  ])("%j is unreadable", (differing) => {
    expect(read(resultV02, { ...result, ...differing })).toEqual({ unreadable: expect.any(String) });
  });
});

describe("whatever a predicate holds", () => {
  it("is an extract or unreadable, and never throws", () => {
    const types = fc.constantFrom(...Object.values(PREDICATE_TYPES));
    const objects = fc.dictionary(
      fc.constantFrom(
        "scanner",
        "@graph",
        "packages",
        "components",
        "statements",
        "spdxVersion",
        "bomFormat",
      ),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(types, objects, fc.jsonValue(), (type, predicate, result) => {
        const keys = Object.keys(read(type, { ...predicate, scanner: { result } }));
        expect(keys).toHaveLength(1);
      }),
    );
  });

  it("is nothing to us where the type is unknown", () => {
    expect(read("https://example.test/review/v1", { ok: true })).toEqual({});
    expect(read("__proto__", {})).toEqual({});
  });

  it("is kept as text up to its bound, and not cut", () => {
    expect(predicateTextOf({ a: 1 })).toBe('{"a":1}');
    expect(predicateTextOf({ a: "x".repeat(64 * 1024) })).toBeUndefined();
  });
});
