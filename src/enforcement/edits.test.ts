import { describe, expect, it } from "vitest";

import { aSwitch, at, CONFIRMED, later, NOW, outcome, textOf } from "../../test/support/switches.ts";
import { enforcementWeakenings, forbiddenEdits } from "./edits.ts";
import { EMPTY_ENFORCEMENT, type SwitchEntry } from "./write.ts";

function forbidden(befores: readonly string[], after: string, user: string, now = NOW): string[] {
  return forbiddenEdits(befores, after, { user, now }).map(({ path, rule }) => `${path} ${rule}`);
}

describe("edits of what is switched off", () => {
  const before = textOf(aSwitch());

  const FIRST_TEXTS: readonly (readonly [string, string, string[]])[] = [
    ["switching off", before, ["switches[0] switched-off"]],
    ["nothing", EMPTY_ENFORCEMENT, []],
  ];
  it.each(FIRST_TEXTS.map(([name, after, expected]) => ({ name, after, expected, told: outcome(expected) })))(
    "$name where nothing is known: $told",
    ({ after, expected }) => {
      expect(enforcementWeakenings(undefined, after).map(({ path, rule }) => `${path} ${rule}`)).toEqual(
        expected,
      );
    },
  );

  it("takes no right to end a switch early, and takes one to confirm it", () => {
    const ended = textOf(aSwitch({ until: at(5) }));
    const confirmed = textOf(aSwitch({ confirmed: CONFIRMED }));
    expect(enforcementWeakenings(before, ended)).toEqual([]);
    expect(enforcementWeakenings(before, confirmed)).toMatchObject([{ rule: "confirmed" }]);
  });

  const NEW_SWITCHES: readonly (readonly [string, Partial<SwitchEntry>, string[]])[] = [
    ["by who sends it, now", {}, []],
    ["in another's name", { by: "bob" }, ["switches[0].by not-its-author"]],
    ["with its confirmation", { confirmed: CONFIRMED }, ["switches[0].confirmed own-confirmation"]],
    ["that began before", { from: at(-6) }, ["switches[0].from not-now"]],
    ["that begins later", { from: at(6) }, ["switches[0].from not-now"]],
    ["with an end in the past", { from: at(-4), until: at(-1) }, ["switches[0].until already-ended"]],
  ];
  it.each(NEW_SWITCHES.map(([name, more, expected]) => ({ name, more, expected, told: outcome(expected) })))(
    "a new switch $name: $told",
    ({ more, expected }) => {
      expect(forbidden([], textOf(aSwitch(more)), "ana")).toEqual(expected);
    },
  );

  const CHANGES: readonly (readonly [string, Partial<SwitchEntry>, string, string[]])[] = [
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
  ];
  it.each(
    CHANGES.map(([name, more, user, expected]) => ({ name, more, user, expected, told: outcome(expected) })),
  )("a switch that is there, $name by $user: $told", ({ more, user, expected }) => {
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
