import { describe, expect, it } from "vitest";

import { aSwitch, at, CONFIRMED, NOW, outcome, textOf, valueOf } from "../../test/support/switches.ts";
import { isRepetition, parseEnforcement, scopeOf, switchesAt } from "./enforcement.ts";
import type { SwitchEntry } from "./write.ts";

function rulesOf(text: string): string[] {
  const parsed = parseEnforcement(text);
  return parsed.ok ? [] : parsed.problems.map(({ rule }) => rule);
}

describe("a document of switches", () => {
  const DOCUMENTS: readonly (readonly [string, SwitchEntry[], string[]])[] = [
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
  ];
  it.each(
    DOCUMENTS.map(([name, switches, expected]) => ({ name, switches, expected, told: outcome(expected) })),
  )("$name: $told", ({ switches, expected }) => {
    expect(rulesOf(textOf(...switches))).toEqual(expected);
  });

  it("without an end is not read", () => {
    const { until, ...rest } = aSwitch();
    expect(until).toBeDefined();
    expect(rulesOf(JSON.stringify({ switches: [rest] }))).not.toEqual([]);
  });

  const REPETITIONS: readonly (readonly [string, Partial<SwitchEntry>, Partial<SwitchEntry>, string[]])[] = [
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
  ];
  it.each(
    REPETITIONS.map(([name, first, second, expected]) => ({
      name,
      first,
      second,
      expected,
      told: outcome(expected),
    })),
  )("of a switch that is $name: $told", ({ first, second, expected }) => {
    expect(rulesOf(textOf(aSwitch(first), aSwitch({ id: "off-2", ...second })))).toEqual(expected);
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
