import fc from "fast-check";
import { describe, expect, it } from "vitest";

import {
  FAULTS,
  FINDINGS,
  type FaultCode,
  type FindingCode,
  type Objection,
  type Verdict,
} from "../core/index.ts";
import { denial, warnings } from "./sentences.ts";

const PRINTABLE = /^[\x20-\x7e]*$/;

const text = fc.oneof(fc.string({ unit: "binary", maxLength: 3000 }), fc.string({ maxLength: 80 }));
const subject = fc.record({ image: text, place: text });
const finding = fc.record({
  kind: fc.constant("finding" as const),
  code: fc.constantFrom(...(Object.keys(FINDINGS) as FindingCode[])),
  subject,
  message: text,
  rule: fc.constantFrom("acme", "base-images"),
});
const fault = fc.record({
  kind: fc.constant("fault" as const),
  code: fc.constantFrom(...(Object.keys(FAULTS) as FaultCode[])),
  message: text,
});
const objection: fc.Arbitrary<Objection> = fc.oneof(finding, fault);
const waived = fc.record({
  finding,
  waiver: fc.record({
    id: fc.constantFrom("W-1", "W-2"),
    owners: fc.array(text, { minLength: 1, maxLength: 3 }),
    until: fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("2100-01-01") }),
  }),
});

function fixOf({ kind, code }: Objection): string {
  return kind === "finding" ? FINDINGS[code].fix : FAULTS[code].fix;
}

describe("the sentences that people read", () => {
  it("are bounded, printable, and say code and fix of the first objection, whatever images are called", () => {
    fc.assert(
      fc.property(fc.array(objection, { minLength: 1, maxLength: 20 }), (objections) => {
        const said = denial({ objections });
        expect(said.length).toBeLessThanOrEqual(2048);
        expect(said).toMatch(PRINTABLE);
        expect(said).toContain(objections[0]!.code);
        expect(said).toContain(fixOf(objections[0]!));
      }),
    );
  });

  it("never tell more than sixteen warnings of 256 characters, and none where nothing is to be said", () => {
    fc.assert(
      fc.property(
        fc.array(objection, { maxLength: 40 }),
        fc.array(waived, { maxLength: 40 }),
        fc.constantFrom("allow", "warn", "deny"),
        (objections, used, decision) => {
          const verdict = { decision, mode: "advisory", objections, waived: used, judged: [] } as Verdict;
          const said = warnings(verdict);
          expect(said.length).toBeLessThanOrEqual(16);
          for (const each of said) expect(each).toMatch(/^mc-gate [\x20-\x7e]{1,248}$/);
          const isSilent = used.length === 0 && (decision !== "warn" || objections.length === 0);
          expect(said.length === 0).toBe(isSilent);
        },
      ),
    );
  });

  it("count what they leave out", () => {
    const one: Objection = {
      kind: "fault",
      code: "registry/unavailable",
      message: "m.example does not answer",
    };
    const many = Array.from({ length: 9 }, () => one);
    expect(denial({ objections: many })).toMatch(/ And 4 more\.$/);
  });
});
