import { describe, expect, it } from "vitest";

import { aSignature, aSigner, aStatement, evidenceOf, hoursAgo } from "../../../test/support/policies.ts";
import { digestOf, type FaultCode, type Gap, type Rejection } from "../../core/index.ts";
import { withNewer } from "./registry-gaps.ts";

const LIMIT: Gap = { code: "limits/exceeded", message: "m", count: 1 };
const PLACE: Gap = { code: "registry/unavailable", message: "the .att tag", about: "place", count: 1 };
const SCAN = aStatement("https://cosign.sigstore.dev/attestation/vuln/v1");
const READ = digestOf("read");

/** One attachment that was not read. */
function unread(...digests: readonly string[]): Gap {
  return {
    code: "registry/unavailable",
    message: "u",
    about: digests.map((each) => digestOf(each)),
    count: 1,
  };
}

describe("older evidence with what was read since", () => {
  const later = {
    ...SCAN,
    attachment: digestOf("later"),
    trustedTime: hoursAgo(0),
    statement: digestOf("l"),
  };
  const [ours, theirs] = [aSignature(), aSignature({ signer: aSigner({ identity: "other" }) })];

  it("holds both, each once, also two signatures over one payload", () => {
    const older = evidenceOf({ signatures: [ours], attestations: [SCAN] });
    const newer = evidenceOf({ signatures: [ours, theirs], attestations: [later, SCAN], gaps: [PLACE] });
    const { evidence, gap } = withNewer(older, newer)!;
    expect(evidence.signatures).toEqual([ours, theirs]);
    expect(evidence.attestations).toEqual([SCAN, later]);
    expect([evidence.gaps, gap]).toMatchObject([[], { code: PLACE.code, message: PLACE.message }]);
  });

  it("knows a newer stamp on an older statement, whose first copy could not be read again", () => {
    const copy = { ...later, statement: SCAN.statement };
    const newer = evidenceOf({ attestations: [copy], gaps: [PLACE] });
    const { evidence } = withNewer(evidenceOf({ attestations: [SCAN] }), newer)!;
    expect(evidence.attestations).toEqual([SCAN, { ...copy, copies: { since: SCAN.trustedTime } }]);
  });

  it("stays as old as it was, and what a limit kept out stays out", () => {
    const older = evidenceOf({ gaps: [LIMIT] });
    const newer = { ...evidenceOf({ gaps: [LIMIT, PLACE] }), collectedAt: hoursAgo(0) };
    const { evidence } = withNewer({ ...older, collectedAt: hoursAgo(2) }, newer)!;
    expect([evidence.collectedAt, evidence.gaps]).toEqual([hoursAgo(2), [{ ...LIMIT, count: 2 }]]);
  });
});

describe("what older evidence covers", () => {
  const rejection = (form: Rejection["form"], reason: Rejection["reason"]): Rejection => {
    return { form, reason, attachment: READ, claims: "unknown", message: "m" };
  };

  it.each([
    ["an attestation that was verified", { attestations: [{ ...SCAN, attachment: READ }] }],
    ["a signature that was verified", { signatures: [aSignature({ attachment: READ })] }],
    ["a bundle that is not trusted", { rejections: [rejection("bundle", "untrusted")] }],
    ["a bundle that is broken", { rejections: [rejection("bundle", "invalid")] }],
    ["a manifest that was read", { manifests: [READ] }],
  ])("%s", (_, parts) => {
    const older = evidenceOf(parts);
    expect(withNewer(older, evidenceOf({ gaps: [unread("read")] }))?.evidence.gaps).toEqual([]);
    expect(withNewer(older, evidenceOf({ gaps: [unread("read", "new")] }))).toBeUndefined();
    const limited: Gap = { ...unread("read"), code: "limits/exceeded" };
    expect(withNewer(older, evidenceOf({ gaps: [limited] }))).toBeUndefined();
  });

  it.each([
    ["a bundle that was not checked to its end", rejection("bundle", "unfinished")],
    ["a bundle that was not fetched", rejection("bundle", "unavailable")],
    ["a bundle that was too large", rejection("bundle", "too-large")],
    ["a layer whose annotations were wrong", rejection("cosign-att", "invalid")],
  ])("not %s", (_, rejected) => {
    const older = evidenceOf({ rejections: [rejected] });
    expect(withNewer(older, evidenceOf({ gaps: [unread("read")] }))).toBeUndefined();
  });

  it.each(["registry/invalid", "registry/incomplete", "limits/exceeded", "internal/unexpected"] as const)(
    "no place whose content may be the cause: %s",
    (code: FaultCode) => {
      expect(withNewer(evidenceOf({}), evidenceOf({ gaps: [{ ...PLACE, code }] }))).toBeUndefined();
    },
  );

  it("nothing of which it is not known what it is about", () => {
    const newer = evidenceOf({ gaps: [{ code: "registry/unavailable", message: "m", count: 1 }] });
    expect(withNewer(evidenceOf({}), newer)).toBeUndefined();
  });

  it("nothing where a place failed before, too", () => {
    expect(withNewer(evidenceOf({ gaps: [PLACE] }), evidenceOf({ gaps: [PLACE] }))).toBeUndefined();
  });

  it("each gap by itself: what is new and unread stays beside a place that failed", () => {
    const newer = evidenceOf({ gaps: [PLACE, unread("new")] });
    expect(withNewer(evidenceOf({}), newer)?.evidence.gaps).toEqual([unread("new")]);
  });
});
