import { type Case, DIGEST, documentOf, NOW, SHORT } from "./case.ts";

const HEAD = `waivers:\n  - digest: ${DIGEST}\n`;
const TAIL = `    ttl_ns: 604800000000000\n    owner: team-shop\n`;
/** The short form, in YAML as people write it. */
export const PLAIN = `${HEAD}    created: 2026-11-24T00:00:00Z\n${TAIL}`;

/** Forms of YAML that mean the same to every reader, and documents that hold something else than a list of waivers. */
const TEXTS: Readonly<Record<string, string>> = {
  "timestamp-plain": PLAIN,
  "timestamp-quoted": PLAIN.replace("2026-11-24T00:00:00Z", '"2026-11-24T00:00:00Z"'),
  "timestamp-single-quoted": PLAIN.replace("2026-11-24T00:00:00Z", "'2026-11-24T00:00:00Z'"),
  "timestamp-offset": PLAIN.replace("2026-11-24T00:00:00Z", "2026-11-24T01:00:00+01:00"),
  "timestamp-fraction": PLAIN.replace("00:00Z", "00:00.25Z"),
  "timestamp-space": PLAIN.replace("T00:00:00Z", " 00:00:00Z"),
  "timestamp-date": PLAIN.replace("T00:00:00Z", ""),
  "timestamp-no-day": PLAIN.replace("11-24", "02-30"),
  comments: `# a list\n${PLAIN}# its end\n`,
  "comment-after-value": PLAIN.replace("604800000000000", "604800000000000 # 7d"),
  "windows-lines": PLAIN.replaceAll("\n", "\r\n"),
  "no-last-line": PLAIN.trimEnd(),
  "document-marker": `---\n${PLAIN}`,
  "document-end": `${PLAIN}...\n`,
  flow: `waivers: [{digest: "${DIGEST}", created: "2026-11-24T00:00:00Z", ttl_ns: 604800000000000, owner: team-shop}]\n`,
  "quoted-keys": PLAIN.replace("owner:", '"owner":'),
  "folded-reason": `${PLAIN}    reason: >-\n      The fix is in review\n      and due this week.\n`,
  "literal-reason": `${PLAIN}    reason: |\n      The fix is in review\n      and due this week.\n`,
  "literal-owner": PLAIN.replace("owner: team-shop", "owner: |-\n      team-shop"),
  "literal-owner-newline": PLAIN.replace("owner: team-shop", "owner: |\n      team-shop"),
  "escaped-owner": PLAIN.replace("team-shop", '"team\\u002dshop"'),
  "escaped-newline": PLAIN.replace("team-shop", '"team\\nshop"'),
  "owner-number": PLAIN.replace("team-shop", "12"),
  "owner-number-quoted": PLAIN.replace("team-shop", '"12"'),
  "owner-true": PLAIN.replace("team-shop", "true"),
  "owner-null": PLAIN.replace("team-shop", "null"),
  "owner-tilde": PLAIN.replace("team-shop", "~"),
  "owner-nothing": PLAIN.replace("team-shop", ""),
  "owner-empty": PLAIN.replace("team-shop", '""'),
  "owner-float": PLAIN.replace("team-shop", "1.5"),
  "ttl-hex": PLAIN.replace("604800000000000", "0x2260FF9290000"),
  "ttl-float": PLAIN.replace("604800000000000", "6.048e+14"),
  "ttl-plus": PLAIN.replace("604800000000000", "+604800000000000"),
  "ttl-infinite": PLAIN.replace("604800000000000", "1e300"),
  "ttl-quoted": PLAIN.replace("604800000000000", "'604800000000000'"),
  "ttl-beyond-doubles": PLAIN.replace("604800000000000", "1e400"),
  "ttl-leading-zero": PLAIN.replace("604800000000000", "0604800000000000"),
  "ttl-octal": PLAIN.replace("604800000000000", "0o17"),
  "ttl-last-point": PLAIN.replace("604800000000000", "604800000000000."),
  "owner-minutes": PLAIN.replace("team-shop", "1:30"),
  "owner-date": PLAIN.replace("team-shop", "2026-11-24"),
  "owner-null-capital": PLAIN.replace("team-shop", "Null"),
  "owner-true-capital": PLAIN.replace("team-shop", "TRUE"),
  "tag-number": PLAIN.replace("team-shop", "!!int 3"),
  "explicit-key": PLAIN.replace("owner:", "? owner\n    :"),
  "number-key": `${PLAIN}    3: 3\n`,
  "byte-order-mark": `\ufeff${PLAIN}`,
  empty: "",
  "comment-only": "# nothing yet\n",
  "anchor-unused": PLAIN.replace("team-shop", "&team team-shop"),
  "tag-string": PLAIN.replace("team-shop", "!!str team-shop"),
  "empty-list": "waivers: []\n",
  "empty-list-block": "waivers:\n",
  "list-null": "waivers: null\n",
  "list-map": "waivers: {}\n",
  "list-text": "waivers: none\n",
  "list-number": "waivers: 3\n",
  "other-key": "exceptions: []\n",
  "second-key": "waivers: []\nversion: 1\n",
  "key-in-capitals": "Waivers: []\n",
  "map-empty": "{}\n",
  "text-only": "waivers\n",
  "number-only": "3\n",
  json: documentOf(SHORT),
};

/** Cases whose form is the point. */
export function textCases(): Case[] {
  const forms = Object.entries(TEXTS).map(([name, text]) => ({
    name: `text-${name}`,
    text,
    now: NOW,
    asked: [],
  }));
  const many = JSON.stringify({ waivers: Array.from({ length: 20_001 }, () => 0) });
  return [...forms, { name: "text-too-many", text: many, now: NOW, asked: [] }];
}
