import { describe, expect, it } from "vitest";

import { aSwitch, at, NOW, textOf, valueOf } from "../../test/support/switches.ts";
import { withConfirmation, withEnd, withSwitch } from "./write.ts";

const LONG_AGO = new Date(0);

function written(result: ReturnType<typeof withSwitch>): string {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

describe("writing switches", () => {
  it("adds one, confirms it and ends it, and keeps comments", () => {
    const off = written(withSwitch("# nights\nswitches: []\n", aSwitch(), LONG_AGO));
    const confirmed = written(withConfirmation(off, "off-1", { by: "bob", at: NOW }));
    const ended = written(withEnd(confirmed, "off-1", new Date(at(5))));
    expect(ended).toBe(`# nights
switches:
  - id: off-1
    by: ana
    reason: The gate itself stands in the way.
    ticket: INC-7
    from: "2026-11-30T03:00:00.000Z"
    until: "2026-11-30T03:05:00.000Z"
    confirmed: { by: bob, at: "2026-11-30T03:00:00.000Z" }
`);
  });

  it("drops what ended before a time, and keeps the rest as it was", () => {
    const old = aSwitch({ id: "old", from: at(-6000), until: at(-5900) });
    const kept = aSwitch({
      id: "kept",
      from: at(-3000),
      until: at(-2900),
      confirmed: { by: "bob", at: at(-2990) },
    });
    const text = written(withSwitch(textOf(old, kept), aSwitch(), new Date(at(-5000))));
    expect(valueOf(text).switches).toEqual(valueOf(textOf(kept, aSwitch())).switches);
  });

  it("refuses a repetition that no one else has confirmed", () => {
    const again = withSwitch(textOf(aSwitch()), aSwitch({ id: "off-2", from: at(1) }), LONG_AGO);
    expect(again).toMatchObject({ ok: false, problems: [{ rule: "unconfirmed-repetition" }] });
  });
});
