import { type Case, FULL, SHORT, valuesOf, without } from "./case.ts";

/** One line of text, with every kind of character that could forge another. */
const LINES: readonly unknown[] = [
  ..."x,0,@sam,sam@acme.test,Łukasz,李,Éva,no.1".split(","),
  "a b",
  " a ",
  "-",
  "...",
  " ",
  "",
  "a\nb",
  "a\r\nb",
  "a\tb",
  "a\u0000b",
  "a\u001bb",
  "a\u0085b",
  "a\u200bb",
  "a\u202eb",
  "a\u2028b",
  "a\u2029b",
  "\ufeffa",
  "a\u00a0b",
  "a\u3000b",
  "½",
  "²",
  "Ⅷ",
  "٣",
  "😀",
  "😀a",
  "𝒜",
  null,
  5,
  true,
  ["a"],
];

const LONG_LINES: readonly string[] = [64, 65, 128, 129, 512, 513].flatMap((length) => [
  "a".repeat(length),
  `${"😀".repeat(Math.floor(length / 2) - 1)}${length % 2 === 0 ? "ab" : "abc"}`,
  `${"-".repeat(length - 1)}a`,
]);
const CLASSES: readonly unknown[] = [
  ..."vulnerability,sbom,signature,provenance,promotable,reference,revocation,Signature,policy,cel".split(
    ",",
  ),
  "toString",
  "",
  null,
  0,
  ["signature"],
];
const REASONS: readonly unknown[] = [
  "a".repeat(19),
  "a".repeat(20),
  " ".repeat(20),
  "a".repeat(2000),
  "a".repeat(2001),
  "😀".repeat(9),
  "😀".repeat(10),
  "😀".repeat(1000),
  `${"😀".repeat(1000)}a`,
  "several\nlines of a reason",
  "ä".repeat(20),
  "e\u0301".repeat(10),
  null,
  20,
];
/** Texts that people write, and what must not be in them. */
export function lineCases(): Case[] {
  return [
    ...valuesOf("owner", [...LINES, ...LONG_LINES], SHORT),
    ...valuesOf("requestedBy", LINES, without(FULL, "approvals")),
    ...valuesOf("ticket", [...LINES, ...LONG_LINES]),
    ...valuesOf("class", CLASSES),
    ...valuesOf("reason", REASONS),
    ...valuesOf("compensatingControl", ["", "a", "a".repeat(2000), "a".repeat(2001), null, "\n"]),
  ];
}
