import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Finding, PREDICATE_TYPES, repositoryName, type Vulnerability } from "../../src/core/index.ts";
import { decide } from "../../src/gate/decide.ts";
import { parseWaivers, type WaiverRegistry } from "../../src/waivers/index.ts";
import {
  anImage,
  aStatement,
  DIGEST,
  evidenceOf,
  findings,
  findingsAbout,
  NOW,
  policyAsking,
} from "../support/policies.ts";
import { aWaiver } from "../support/waiver-world.ts";

const IMAGE = repositoryName(anImage());
const [ONE, TWO, THREE] = ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"];

interface Scope {
  readonly class?: string;
  readonly findings?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly image?: string;
}

function registry(...scopes: readonly Scope[]): WaiverRegistry {
  const window = { created: "2026-11-24T11:00:00Z", expires: "2026-11-24T13:00:00Z" };
  const waivers = scopes.map((scope, at) =>
    aWaiver(DIGEST, { id: `W-${at}`, class: "vulnerability", ...window, ...scope }),
  );
  const parsed = parseWaivers(JSON.stringify({ waivers }));
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

/** What is left against the image, with these waivers. */
function left(
  objections: readonly Finding[],
  waivers: WaiverRegistry,
  namespace = "shop",
): readonly (readonly string[])[] {
  const examined = [{ judged: { image: "x", rules: [], proofs: [] }, repository: IMAGE, objections }];
  const verdict = decide(examined, { mode: "enforce", namespace, waivers, now: NOW });
  expect(verdict.decision).toBe(verdict.objections.length === 0 ? "allow" : "deny");
  return verdict.objections.map((each) =>
    each.kind === "finding" ? (each.ids ?? [each.code]) : [each.code],
  );
}

/** Findings of the vulnerability gate about an image with these vulnerabilities. */
function scanned(...ids: readonly string[]): Finding[] {
  const vulnerabilities = ids.map((id): Vulnerability => ({ id, severity: "critical", fix: "none" }));
  const scan = aStatement(PREDICATE_TYPES.cosignVuln, { scan: { scanner: "trivy", vulnerabilities } });
  return findingsAbout("{ vulnerability: { anyOf: [release] } }", [scan]);
}

describe("E34: waivers that allow together what none of them allows", () => {
  it.each<[string, readonly Scope[], readonly (readonly string[])[]]>([
    ["one that names both", [{ findings: [ONE, TWO] }], []],
    ["one for each", [{ findings: [ONE] }, { findings: [TWO] }], []],
    ["one that names one", [{ findings: [ONE] }], [[TWO]]],
    ["one that names neither", [{ findings: [THREE] }], [[ONE], [TWO]]],
    [
      "one here, and one for elsewhere",
      [{ findings: [ONE] }, { findings: [TWO], namespaces: ["prod"] }],
      [[TWO]],
    ],
    [
      "the ids of one with the namespace of another",
      [
        { findings: [ONE, TWO], namespaces: ["prod"] },
        { findings: [ONE], namespaces: ["shop"] },
      ],
      [[TWO]],
    ],
    [
      "the ids of one with the image of another",
      [
        { findings: [ONE, TWO], image: "ghcr.io/acme/other" },
        { findings: [ONE], image: IMAGE },
      ],
      [[TWO]],
    ],
    ["the class of another", [{ class: "signature" }, { class: "sbom" }], [[ONE], [TWO]]],
  ])("%s", (_, scopes, expected) => {
    expect(left(scanned(ONE, TWO), registry(...scopes))).toEqual(expected);
    expect(left(scanned(ONE, TWO), registry(...scopes.toReversed()))).toEqual(expected);
  });

  it("does not split a finding that is about many vulnerabilities at once", () => {
    const ids = Array.from({ length: 520 }, (_, at) => `CVE-2026-${10_000 + at}`);
    const objections = scanned(...ids);
    const rest = objections.at(-1)!.ids!;
    const half = Math.ceil(rest.length / 2);
    const halves = registry({ findings: rest.slice(0, half) }, { findings: rest.slice(half) });
    expect(left(objections, halves)).toHaveLength(objections.length);
    expect(left(objections, registry({ findings: rest }))).toHaveLength(objections.length - 1);
  });

  it("asks for a waiver of each class where several gates refuse", () => {
    const policy = policyAsking("{ signature: { anyOf: [release] }, sbom: { anyOf: [release] } }");
    const objections = findings(policy, evidenceOf());
    expect(left(objections, registry({ class: "signature" }))).toEqual([["sbom/missing"]]);
    expect(left(objections, registry({ class: "sbom" }))).toEqual([["signature/missing"]]);
    expect(left(objections, registry({ class: "sbom" }, { class: "signature" }))).toEqual([]);
  });

  it("does not waive a missing or unreadable scan with the ids of vulnerabilities", () => {
    const require = "{ vulnerability: { anyOf: [release] } }";
    const waivers = registry({ findings: [ONE] });
    expect(left(findingsAbout(require, []), waivers)).toEqual([["vulnerability/scan-missing"]]);
    const unreadable = aStatement(PREDICATE_TYPES.cosignVuln, { unreadable: "no result" });
    expect(left(findingsAbout(require, [unreadable]), waivers)).toEqual([["vulnerability/scan-unreadable"]]);
  });

  it("sets aside exactly what at least one of them sets aside alone", () => {
    const scope = fc.record(
      {
        findings: fc.uniqueArray(fc.constantFrom(ONE, TWO, THREE), { minLength: 1 }),
        namespaces: fc.uniqueArray(fc.constantFrom("shop", "prod"), { minLength: 1 }),
        image: fc.constantFrom(IMAGE, "ghcr.io/acme/other"),
      },
      { requiredKeys: ["findings"] },
    );
    const objections = scanned(ONE, TWO, THREE);
    fc.assert(
      fc.property(
        fc.array(scope, { minLength: 1, maxLength: 4 }),
        fc.constantFrom("shop", "prod", "dev"),
        (scopes, namespace) => {
          const alone = scopes.map((each) => left(objections, registry(each), namespace).flat());
          const expected = [ONE, TWO, THREE].filter((id) => alone.every((ids) => ids.includes(id)));
          expect(left(objections, registry(...scopes), namespace).flat()).toEqual(expected);
        },
      ),
    );
  });
});
