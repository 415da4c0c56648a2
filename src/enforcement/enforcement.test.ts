import { describe, expect, it } from "vitest";

import { enforcementWeakenings, forbiddenEdits } from "./edits.ts";
import { isRepetition, parseEnforcement, scopeOf, switchesAt } from "./enforcement.ts";
import { EMPTY_ENFORCEMENT, type SwitchEntry, withConfirmation, withEnd, withSwitch } from "./write.ts";

const NOW = new Date("2026-11-30T03:00:00Z");
const LONG_AGO = new Date(0);

function at(minutes: number): string {
  return new Date(NOW.getTime() + minutes * 60_000).toISOString();
}

function aSwitch(more: Partial<SwitchEntry> = {}): SwitchEntry {
  return {
    id: "off-1",
    by: "ana",
    reason: "The gate itself stands in the way.",
    ticket: "INC-7",
    from: at(0),
    until: at(15),
    ...more,
  };
}

function textOf(...switches: readonly SwitchEntry[]): string {
  return JSON.stringify({ switches });
}

function rulesOf(text: string): string[] {
  const parsed = parseEnforcement(text);
  return parsed.ok ? [] : parsed.problems.map(({ rule }) => rule);
}

function valueOf(text: string) {
  const parsed = parseEnforcement(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function later(minutes: number): Date {
  return new Date(NOW.getTime() + minutes * 60_000);
}

function forbidden(befores: readonly string[], after: string, user: string, now = NOW): string[] {
  return forbiddenEdits(befores, after, { user, now }).map(({ path, rule }) => `${path} ${rule}`);
}

function written(result: ReturnType<typeof withSwitch>): string {
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value;
}

const CONFIRMED = { by: "bob", at: at(5) };

describe("a document of switches", () => {
  it.each<[string, SwitchEntry[], string[]]>([
    ["one", [aSwitch()], []],
    ["of exactly a day", [aSwitch({ until: at(24 * 60) })], []],
    ["of more than a day", [aSwitch({ until: at(24 * 60 + 1) })], ["too-long"]],
    ["that ends before it begins", [aSwitch({ until: at(-1) })], ["ends-before-it-starts"]],
    ["of a namespace and a rule", [aSwitch({ namespace: "shop", rule: "app" })], ["one-scope"]],
    ["confirmed by another", [aSwitch({ confirmed: CONFIRMED })], []],
    [
      "confirmed by its own author, under another issuer",
      [aSwitch({ confirmed: { by: "oidc:Ana", at: at(5) } })],
      ["own-confirmation"],
    ],
    [
      "confirmed under letters that look like others",
      [aSwitch({ confirmed: { by: "bоb", at: at(5) } })],
      ["ambiguous-name"],
    ],
    [
      "with one id twice",
      [aSwitch({ confirmed: CONFIRMED }), aSwitch({ from: at(3000), until: at(3001) })],
      ["duplicate-id"],
    ],
  ])("%s", (_, switches, rules) => {
    expect(rulesOf(textOf(...switches))).toEqual(rules);
  });

  it("without an end is not read", () => {
    const { until, ...rest } = aSwitch();
    expect(until).toBeDefined();
    expect(rulesOf(JSON.stringify({ switches: [rest] }))).not.toEqual([]);
  });

  it.each<[string, Partial<SwitchEntry>, Partial<SwitchEntry>, string[]]>([
    ["renewed while it lasts", {}, { from: at(10), until: at(30) }, ["unconfirmed-repetition"]],
    [
      "repeated within a day of its end",
      {},
      { from: at(15 + 24 * 60 - 1), until: at(15 + 24 * 60 + 1) },
      ["unconfirmed-repetition"],
    ],
    ["repeated after a day", {}, { from: at(15 + 24 * 60), until: at(15 + 24 * 60 + 1) }, []],
    ["renewed once it is confirmed", { confirmed: CONFIRMED }, { from: at(10), until: at(30) }, []],
    [
      "renewed for one namespace of all",
      {},
      { from: at(10), until: at(30), namespace: "shop" },
      ["unconfirmed-repetition"],
    ],
    [
      "followed by another namespace's",
      { namespace: "shop" },
      { from: at(10), until: at(30), namespace: "bank" },
      [],
    ],
    [
      "followed by a rule's, which its namespace has, too",
      { namespace: "shop" },
      { from: at(10), until: at(30), rule: "app" },
      ["unconfirmed-repetition"],
    ],
    ["followed by another rule's", { rule: "app" }, { from: at(10), until: at(30), rule: "base" }, []],
    [
      "renewed with its confirmation on the new one",
      {},
      { from: at(10), until: at(30), confirmed: { by: "bob", at: at(11) } },
      ["unconfirmed-repetition"],
    ],
  ])("of a switch that is %s", (_, first, second, rules) => {
    expect(rulesOf(textOf(aSwitch(first), aSwitch({ id: "off-2", ...second })))).toEqual(rules);
  });

  it("says which of its switches repeats one", () => {
    const enforcement = valueOf(
      textOf(aSwitch({ confirmed: CONFIRMED }), aSwitch({ id: "off-2", from: at(10), until: at(30) })),
    );
    expect(enforcement.switches.map((each) => isRepetition(each, enforcement))).toEqual([false, true]);
  });
});

describe("switches in force", () => {
  const enforcement = valueOf(
    textOf(
      aSwitch({ id: "ana", namespace: "shop", confirmed: CONFIRMED }),
      aSwitch({ id: "ben", rule: "app", until: at(30), confirmed: CONFIRMED }),
    ),
  );
  const idsAt = (minutes: number, ms = 0): string[] =>
    switchesAt(enforcement, new Date(NOW.getTime() + minutes * 60_000 + ms)).map(({ id }) => id);

  it("end by themselves, each on its millisecond", () => {
    expect([idsAt(0), idsAt(15, -1), idsAt(15), idsAt(30, -1), idsAt(30)]).toEqual([
      ["ana", "ben"],
      ["ana", "ben"],
      ["ben"],
      ["ben"],
      [],
    ]);
  });

  it("begin at once also where the gate's clock is up to five minutes behind", () => {
    expect([idsAt(-5), idsAt(-5, -1)]).toEqual([["ana", "ben"], []]);
  });

  it("name their scope", () => {
    expect([{}, { namespace: "shop" }, { rule: "app" }].map(scopeOf)).toEqual([
      "all namespaces",
      "namespace shop",
      "rule app",
    ]);
  });
});

describe("edits of what is switched off", () => {
  const before = textOf(aSwitch());

  it.each<[string, string, string[]]>([
    ["switching off", before, ["switches[0] switched-off"]],
    ["nothing", EMPTY_ENFORCEMENT, []],
  ])("%s weakens as it should where nothing is known", (_, after, expected) => {
    expect(enforcementWeakenings(undefined, after).map(({ path, rule }) => `${path} ${rule}`)).toEqual(
      expected,
    );
  });

  it("takes no right to end a switch early, and takes one to confirm it", () => {
    const ended = textOf(aSwitch({ until: at(5) }));
    const confirmed = textOf(aSwitch({ confirmed: CONFIRMED }));
    expect(enforcementWeakenings(before, ended)).toEqual([]);
    expect(enforcementWeakenings(before, confirmed)).toMatchObject([{ rule: "confirmed" }]);
  });

  it.each<[string, Partial<SwitchEntry>, string[]]>([
    ["by who sends it, now", {}, []],
    ["in another's name", { by: "bob" }, ["switches[0].by not-its-author"]],
    ["with its confirmation", { confirmed: CONFIRMED }, ["switches[0].confirmed own-confirmation"]],
    ["that began before", { from: at(-6) }, ["switches[0].from not-now"]],
    ["that begins later", { from: at(6) }, ["switches[0].from not-now"]],
    ["with an end in the past", { from: at(-4), until: at(-1) }, ["switches[0].until already-ended"]],
  ])("lets a switch in %s, or names what is wrong", (_, more, expected) => {
    expect(forbidden([], textOf(aSwitch(more)), "ana")).toEqual(expected);
  });

  it.each<[string, Partial<SwitchEntry>, string, string[]]>([
    ["ended now", { until: at(5) }, "eve", []],
    ["prolonged", { until: at(20) }, "ana", ["switches[0].until renewed"]],
    ["widened", { namespace: "shop" }, "ana", ["switches[0].id rewritten"]],
    ["given to another", { by: "bob" }, "ana", ["switches[0].id rewritten"]],
    ["confirmed by who sends it", { confirmed: CONFIRMED }, "bob", []],
    [
      "confirmed in another's name",
      { confirmed: CONFIRMED },
      "ana",
      ["switches[0].confirmed not-its-author"],
    ],
  ])("of a switch that is there, which is %s", (_, more, user, expected) => {
    expect(forbidden([before], textOf(aSwitch({ from: at(0), ...more })), user, later(5))).toEqual(expected);
  });

  it("end nothing in the past, by more than clocks differ", () => {
    const ended = textOf(aSwitch({ until: at(5) }));
    expect(forbidden([before], ended, "ana", later(10))).toEqual([]);
    expect(forbidden([before], ended, "ana", new Date(later(10).getTime() + 1))).toEqual([
      "switches[0].until rewritten",
    ]);
  });

  it("keep a confirmation as it was written", () => {
    const confirmed = textOf(aSwitch({ confirmed: CONFIRMED }));
    expect(forbidden([confirmed], before, "ana", later(5))).toEqual(["switches[0].confirmed rewritten"]);
  });

  it("forget a switch a day after its end and no earlier", () => {
    const dayLater = 15 + 24 * 60;
    expect(forbidden([before], EMPTY_ENFORCEMENT, "ana", new Date(later(dayLater).getTime() - 1))).toEqual([
      "switches forgotten",
    ]);
    expect(forbidden([before], EMPTY_ENFORCEMENT, "ana", later(dayLater))).toEqual([]);
  });

  it("compare with the first text that knows a switch, so that a replica that is behind refuses nothing", () => {
    const ended = textOf(aSwitch({ until: at(5) }));
    expect(forbidden([before, EMPTY_ENFORCEMENT], ended, "eve", later(5))).toEqual([]);
    expect(forbidden([EMPTY_ENFORCEMENT, before], EMPTY_ENFORCEMENT, "eve", later(5))).toEqual([
      "switches forgotten",
    ]);
  });
});

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
