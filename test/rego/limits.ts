import { type Case, NOW, OTHER_DIGEST } from "./case.ts";
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

/** Every known document on which the engines differ. None is accepted by Rego that the gate refuses for what it means. */
export function limits(): Limit[] {
  return READER.map(([name, text, gate, rego]) => limit(`reader-${name}`, text, gate, rego));
}

function limit(name: string, text: string, gate: string, rego: string): Limit {
  return { case: { name, text, now: NOW, asked: [] }, gate, rego };
}
