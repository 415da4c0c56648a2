import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseJson } from "../core/index.ts";
import { approvalPayload } from "./approval-payload.ts";
import type { WaiverEntry } from "./schema.ts";

const WAIVER = {
  id: "W-1",
  digest: "sha256:aa",
  created: "2026-11-24T08:00:00Z",
  ttl_ns: 1e15,
} as WaiverEntry;
const SAM = { by: "sam", seat: "devsecops" };

describe("approvalPayload", () => {
  it("is the waiver, who approves and what for, with sorted keys and nothing between them", () => {
    expect(approvalPayload(WAIVER, SAM)).toBe(
      '{"by":"sam","seat":"devsecops","type":"https://mc-gate.dev/waiver-approval/v1",' +
        '"waiver":{"created":"2026-11-24T08:00:00Z","digest":"sha256:aa","id":"W-1","ttl_ns":1000000000000000}}',
    );
  });

  it("does not depend on approvals, the order of keys, or keys without a value", () => {
    const text = approvalPayload(WAIVER, SAM);
    const reversed = Object.fromEntries(Object.entries(WAIVER).toReversed()) as WaiverEntry;
    expect(approvalPayload(reversed, SAM)).toBe(text);
    const approvals = [{ ...SAM, at: WAIVER.created }];
    expect(approvalPayload({ ...WAIVER, approvals, image: undefined }, SAM)).toBe(text);
  });

  it("sorts by UTF-16 code units and escapes as RFC 8785, section 3.2.2.2 and 3.2.3", () => {
    const odd = { "\u20ac": 1, "\r": 2, "\ufb33": 3, 1: 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
    const text = approvalPayload({ ...WAIVER, odd } as WaiverEntry, SAM)!;
    const order = [...text.matchAll(/:([1-7])(?=[,}])/g)].map(([, digit]) => digit).join("");
    expect(order).toBe("2467153");
    expect(approvalPayload({ ...WAIVER, reason: '\u000f\n/"\u20ac\\' }, SAM)).toContain(
      '"reason":"\\u000f\\n/\\"\u20ac\\\\"',
    );
  });

  it("has none for what is no Unicode", () => {
    expect(approvalPayload({ ...WAIVER, reason: "half \ud800 of a pair" }, SAM)).toBeUndefined();
    expect(approvalPayload({ ...WAIVER, reason: "written out: \\ud800" }, SAM)).toBeDefined();
  });

  it("differs wherever a value does, and reads back as what was signed", () => {
    const value = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(value, value, (one, other) => {
        const texts = [one, other].map((odd) => approvalPayload({ ...WAIVER, odd } as WaiverEntry, SAM));
        fc.pre(texts.every((text) => text !== undefined));
        const same = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
        expect(texts[0] === texts[1]).toBe(same);
        const read = parseJson(texts[0]!) as { waiver: { odd: unknown } };
        expect(JSON.stringify(sorted(read.waiver.odd))).toBe(JSON.stringify(sorted(one)));
      }),
    );
  });
});

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const names = Object.keys(value).toSorted((a, b) => (a < b ? -1 : 1));
  return names.map((name) => [name, sorted((value as Record<string, unknown>)[name])]);
}
