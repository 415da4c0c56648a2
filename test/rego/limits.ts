import { type Case, documentOf, FULL, NOW, OTHER_DIGEST } from "./case.ts";
import { PLAIN } from "./written-text.ts";

/** A document that the two engines answer differently, and how: by code, `accepted`, or `unreadable` where conftest stops. */
export interface Limit {
  readonly case: Case;
  readonly gate: string;
  readonly rego: string;
}

const SECOND = `  - digest: ${OTHER_DIGEST}\n    created: 2026-11-24T00:00:00Z\n    ttl_ns: 604800000000000\n`;
const LIFE = "604800000000000";

/** Rego sees what conftest made of the text by YAML 1.1; the gate reads the text, by YAML 1.2 and strictly. */
const READER: readonly (readonly [name: string, text: string, gate: string, rego: string])[] = [
  [
    "alias",
    `${PLAIN.replace("team-shop", "&team team-shop")}${SECOND}    owner: *team\n`,
    "alias",
    "accepted",
  ],
  [
    "merge-key",
    `${PLAIN.replace("- digest", "- &w\n    digest")}  - <<: *w\n    id: b\n`,
    "alias",
    "no-class, no-findings, no-reason",
  ],
  ["key-twice", `${PLAIN}    owner: eve\n`, "duplicate-key", "accepted"],
  ["second-document", `${PLAIN}---\n${PLAIN}`, "yaml", "accepted"],
  ["foreign-tag", PLAIN.replace("team-shop", "!team shop"), "yaml", "accepted"],
  ["binary", PLAIN.replace("team-shop", "!!binary YWJj"), "wrong-type", "accepted"],
  ["underscores", PLAIN.replace(LIFE, "604_800_000_000_000"), "wrong-type", "accepted"],
  ["next-line", PLAIN.replace("team-shop", '"a\u0085b"'), "bad-person", "accepted"],
  ["yes", PLAIN.replace("team-shop", "yes"), "accepted", "wrong-type"],
  ["off", PLAIN.replace("team-shop", "off"), "accepted", "wrong-type"],
  ["infinity", PLAIN.replace(LIFE, ".inf"), "wrong-type", "unreadable"],
  ["not-a-number", PLAIN.replace(LIFE, ".nan"), "wrong-type", "unreadable"],
  ["null-key", `${PLAIN}    : 3\n`, "unknown-key", "unreadable"],
  ["tab", PLAIN.replace("    owner", "\towner"), "yaml", "unreadable"],
];

/** Rego cannot normalise Unicode, and refuses an approved waiver where that could matter. */
const NAMES: readonly (readonly [
  name: string,
  requestedBy: string,
  by: string,
  gate: string,
  rego: string,
])[] = [
  ["greek", "ana", "Σωκράτης", "accepted", "unfoldable-name"],
  ["arabic", "ana", "سامي", "accepted", "unfoldable-name"],
  ["emoji", "ana", "sam😀", "accepted", "unfoldable-name"],
  ["capital-i-with-dot", "İ", "i", "accepted", "self-approved, unfoldable-name"],
  ["ligature", "ﬁ", "fi", "self-approved", "unfoldable-name"],
  ["combining", "e\u0301va", "éva", "self-approved", "unfoldable-name"],
  ["full-width", "ａｎａ", "ana", "self-approved", "unfoldable-name"],
  ["long-s", "ſam", "sam", "self-approved", "unfoldable-name"],
  ["no-break-space", "ana\u00a0", "ana", "self-approved", "unfoldable-name"],
];

/** Every known document on which the engines differ. None is accepted by Rego that the gate refuses for what it means. */
export function limits(): Limit[] {
  const read = READER.map(([name, text, gate, rego]) => limit(`reader-${name}`, text, gate, rego));
  const names = NAMES.map(([name, requestedBy, by, gate, rego]) => {
    const approvals = [{ by, seat: "devsecops", at: "2026-11-23T10:00:00Z" }];
    return limit(`name-${name}`, documentOf({ ...FULL, requestedBy, approvals }), gate, rego);
  });
  return [...read, ...names];
}

function limit(name: string, text: string, gate: string, rego: string): Limit {
  return { case: { name, text, now: NOW, asked: [] }, gate, rego };
}
