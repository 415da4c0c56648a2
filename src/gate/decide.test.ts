import { describe, expect, it } from "vitest";

import type { Digest, Finding, FindingCode, Mode, Objection } from "../core/index.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "../waivers/index.ts";
import { decide, type ImageFindings } from "./decide.ts";

const DIGEST = `sha256:${"a".repeat(64)}` as Digest;
const NOW = new Date("2026-11-24T12:00:00Z");
const FAULT: Objection = { kind: "fault", code: "registry/unavailable", message: "no answer" };

function finding(code: FindingCode, ids?: readonly string[]): Finding {
  const subject = { image: `ghcr.io/acme/app@${DIGEST}`, place: 'container "web"' };
  return { kind: "finding", code, subject, message: "m", digest: DIGEST, ...(ids && { ids }) };
}

function examined(...objections: readonly Objection[]): ImageFindings {
  return { judged: { image: "x", rules: [], proofs: [] }, repository: "ghcr.io/acme/app", objections };
}

function waivers(entry: string): WaiverRegistry {
  const common = `digest: "${DIGEST}", owners: [payments], reason: "The signer is rebuilt this week."`;
  const parsed = parseWaivers(`waivers: [{ id: W-1, ${common}, ${entry} }]`);
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

const SIGNATURE = "class: signature, created: 2026-11-24T00:00:00Z, ttl: 7d";

function decided(
  objections: readonly Objection[],
  { mode = "enforce", registry = NO_WAIVERS }: { mode?: Mode; registry?: WaiverRegistry } = {},
) {
  return decide([examined(...objections)], { mode, namespace: "shop", waivers: registry, now: NOW });
}

describe("the decision", () => {
  it.each([
    ["nothing in enforce", [], "enforce", "allow"],
    ["nothing in advisory", [], "advisory", "allow"],
    ["a finding in enforce", [finding("signature/missing")], "enforce", "deny"],
    ["a finding in advisory", [finding("signature/missing")], "advisory", "warn"],
    ["a fault in enforce", [FAULT], "enforce", "deny"],
    ["a fault in advisory", [FAULT], "advisory", "warn"],
  ] as const)("on %s", (_, objections, mode, decision) => {
    expect(decided(objections, { mode })).toMatchObject({ decision, mode, objections });
  });

  it("lets a waiver stand for its own finding, and says which", () => {
    const verdict = decided([finding("signature/missing")], { registry: waivers(SIGNATURE) });
    expect(verdict).toMatchObject({ decision: "allow", objections: [] });
    expect(verdict.waived).toMatchObject([
      { waiver: { id: "W-1", until: new Date("2026-12-01T00:00:00Z") } },
    ]);
  });

  it("tells a waiver that has ended", () => {
    const registry = waivers("class: signature, created: 2026-11-24T00:00:00Z, ttl: 12h");
    const verdict = decided([finding("signature/missing"), FAULT], { registry });
    expect(verdict.expired).toMatchObject([
      { waiver: { id: "W-1" }, finding: { code: "signature/missing" } },
    ]);
    const other = decided([finding("provenance/missing")], { registry });
    expect(other.expired).toBeUndefined();
  });

  it.each([
    ["a finding of another class", finding("provenance/missing")],
    ["a revoked signer", finding("revocation/signer")],
    ["a revoked digest", finding("revocation/digest")],
    ["a reference that is none", finding("reference/invalid")],
    ["a tag", finding("reference/unpinned")],
    ["an expression of the policy", finding("cel/refused")],
    ["a fault", FAULT],
  ])("lets no waiver stand for %s", (_, objection) => {
    expect(decided([objection], { registry: waivers(SIGNATURE) })).toMatchObject({
      decision: "deny",
      objections: [objection],
      waived: [],
    });
  });

  it("keeps the vulnerability that no waiver names beside the one that one does", () => {
    const registry = waivers(
      "class: vulnerability, findings: [CVE-1], created: 2026-11-20T00:00:00Z, ttl: 30d",
    );
    const both = [finding("vulnerability/blocked", ["CVE-1"]), finding("vulnerability/blocked", ["CVE-2"])];
    expect(decided(both, { registry })).toMatchObject({ decision: "deny", objections: [both[1]] });
  });

  it("looks at every image", () => {
    const circumstances = { mode: "enforce", namespace: "shop", waivers: NO_WAIVERS, now: NOW } as const;
    const verdict = decide([examined(), examined(FAULT)], circumstances);
    expect(verdict).toMatchObject({ decision: "deny", objections: [FAULT], judged: [{}, {}] });
  });
});
