import { describe, expect, it } from "vitest";

import { appendRevocations, type RevocationEntry, revocationText } from "./append-entries.ts";

const BEFORE = `# security keeps this
revocations:
  - id: R-1
    digest: sha256:${"ab".repeat(32)} # pushed by hand
    reason: It ships credentials.
    created: 2026-04-02T08:00:00Z
nonPromotable: []
`;
const ENTRY: RevocationEntry = {
  created: "2026-11-01T00:00:00Z",
  approvals: [{ by: "rita", seat: "release-manager", at: "2026-11-01T00:00:00Z" }],
  reason: "The token was read: somebody else has it.",
  until: "2026-11-02T00:00:00Z",
  from: "2026-10-01T00:00:00Z",
  issuer: "https://issuer.test",
  identity: "release@acme.test",
  id: "R-2",
};
const WRITTEN = `- id: R-2
  issuer: https://issuer.test
  identity: release@acme.test
  from: "2026-10-01T00:00:00Z"
  until: "2026-11-02T00:00:00Z"
  reason: "The token was read: somebody else has it."
  approvals:
    - { by: rita, seat: release-manager, at: "2026-11-01T00:00:00Z" }
  created: "2026-11-01T00:00:00Z"
`;

const block = (text: string): string => text.replaceAll(/^(?=.)/gm, "  ");

describe("appendRevocations", () => {
  it("writes entries behind the last one, in the order in which people read them", () => {
    const second = { ...ENTRY, id: "R-3" };
    const expected = BEFORE.replace(
      "nonPromotable",
      `${block(WRITTEN)}${block(WRITTEN.replace("R-2", "R-3"))}nonPromotable`,
    );
    expect(appendRevocations(BEFORE, [ENTRY, second])).toEqual({ ok: true, value: expected });
  });

  it("is written without an empty list", () => {
    expect(revocationText(ENTRY)).toBe(WRITTEN);
    expect(revocationText({ ...ENTRY, approvals: [] })).toBe(WRITTEN.replace(/  approvals:\n.*\n/, ""));
  });

  it("keeps a comment between the brackets of an empty list", () => {
    const text = "revocations: [\n  # R-0 is a draft\n]\nnonPromotable: []\n";
    expect(appendRevocations(text, [ENTRY])).toMatchObject({
      ok: true,
      value: expect.stringContaining("# R-0"),
    });
  });

  it.each<[string, string, RevocationEntry, string]>([
    ["a document with problems", `${BEFORE}revokations: []\n`, ENTRY, "unknown-key"],
    ["a document without a list", "nonPromotable: []\n", ENTRY, "missing-key"],
    ["an entry with problems", BEFORE, { ...ENTRY, id: "R-1" }, "duplicate-id"],
  ])("leaves %s alone, and says why", (_, text, entry, rule) => {
    expect(appendRevocations(text, [entry])).toMatchObject({ ok: false, problems: [{ rule }] });
  });

  it("leaves a document alone of which the second entry has problems", () => {
    expect(appendRevocations(BEFORE, [ENTRY, ENTRY])).toMatchObject({ ok: false });
  });
});
