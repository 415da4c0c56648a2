import { describe, expect, it } from "vitest";

import { aSignature, aSigner, aStatement, evidenceOf, hoursAgo } from "../../test/support/policies.ts";
import { digestOf, type Gap } from "../core/index.ts";
import { registryGap, withNewer } from "./registry-gaps.ts";

const LIMIT: Gap = { code: "limits/exceeded", message: "m", count: 1 };
const PLACE: Gap = { code: "registry/unavailable", message: "the .att tag", count: 1 };

it("a limit is not a gap of the registry", () => {
  expect(registryGap(evidenceOf({ gaps: [LIMIT] }))).toBeUndefined();
  expect(registryGap(evidenceOf({ gaps: [LIMIT, PLACE] }))).toMatchObject({ code: "registry/unavailable" });
});

describe("older evidence with what was read since", () => {
  const scan = aStatement("https://cosign.sigstore.dev/attestation/vuln/v1");
  const later = { ...scan, attachment: digestOf("later"), trustedTime: hoursAgo(0) };
  const [ours, theirs] = [aSignature(), aSignature({ signer: aSigner({ identity: "other" }) })];

  it("holds both, each once, also two signatures over one payload", () => {
    const older = evidenceOf({ signatures: [ours], attestations: [scan] });
    const newer = evidenceOf({ signatures: [ours, theirs], attestations: [later, scan], gaps: [PLACE] });
    const { signatures, attestations, gaps } = withNewer(older, newer);
    expect([signatures, attestations, gaps]).toEqual([[ours, theirs], [scan, later], []]);
  });

  it("stays as old as it was, and what a limit kept out stays out", () => {
    const older = evidenceOf({ gaps: [LIMIT] });
    const newer = { ...evidenceOf({ gaps: [LIMIT, PLACE] }), collectedAt: hoursAgo(0) };
    const both = withNewer({ ...older, collectedAt: hoursAgo(2) }, newer);
    expect([both.collectedAt, both.gaps]).toEqual([hoursAgo(2), [{ ...LIMIT, count: 2 }]]);
  });
});
