import { readReviewParts, readWorkload } from "../../src/admission/index.ts";
import { jsonExcess, readJson, readJsonParts } from "../../src/core/index.ts";
import { ownApprovals, readManifests } from "../../src/documents/index.ts";
import { parsePolicy, policyWeakenings } from "../../src/policy/index.ts";
import { parseChallenges } from "../../src/registry/auth/challenge.ts";
import { type DocumentKind, readDocument } from "../../src/registry/documents.ts";
import { parseLinks } from "../../src/registry/http/link-header.ts";
import { parseRevocations } from "../../src/revocations/index.ts";
import { parseWaivers, waiverWeakenings } from "../../src/waivers/index.ts";
import { aPod, aReview } from "../support/review.ts";
import type { Scaling } from "./scaling.ts";

const [KIB, MIB] = [1024, 1024 * 1024];

/** Parts one after another, as many as a size holds: one byte more would be refused unread. */
function filled(start: string, part: (at: number) => string, end = ""): (bytes: number) => string {
  return (bytes) => {
    const parts = [start];
    let left = bytes - start.length - end.length;
    for (let at = 0; ; at += 1) {
      const next = part(at);
      left -= next.length;
      if (left < 0) return parts.join("") + end;
      parts.push(next);
    }
  };
}

const JSON_SHAPES: Readonly<Record<string, (bytes: number) => string>> = {
  "one key with an escape, again and again": filled("{", () => '"\\n":1,', '"":1}'),
  "keys with escapes, each another one": filled("{", (at) => `"\\n${at}":1,`, '"":1}'),
  "objects of one key with an escape": filled("[", () => '{"\\n":1},', "0]"),
  "plain keys, each another one": filled("[", (at) => `{"k${at}":1},`, "0]"),
  "empty lists": filled("[", () => "[],", "0]"),
  brackets: filled("", () => "["),
  "objects in objects": filled("", () => '{"a":'),
  "backslashes in texts": filled('["', () => "\\\\", '"]'),
  quotes: filled("", () => '"\\"'),
};

const DIGEST = `sha256:${"0".repeat(64)}`;
const ENTRY = `{"mediaType":"x/y","digest":"${DIGEST}","size":1`;

/** Documents of registries that keep within the bounds, whatever their size. */
const DOCUMENT_SHAPES: Readonly<Record<string, (bytes: number) => string>> = {
  annotations: filled(
    '{"schemaVersion":2,"config":{"mediaType":"x/y"},"layers":[],"annotations":{',
    (at) => `"k${at}":"${"v".repeat(20)}",`,
    '"":""}}',
  ),
  entries: filled('{"schemaVersion":2,"manifests":[', () => `${ENTRY}},`, "0]}"),
  layers: filled('{"schemaVersion":2,"config":{"mediaType":"x/y"},"layers":[', () => `${ENTRY}},`, "0]}"),
  "an entry's annotations": filled(
    `{"schemaVersion":2,"manifests":[${ENTRY},"annotations":{`,
    (at) => `"k${at}":"${"v".repeat(20)}",`,
    '"":""}}]}',
  ),
};

const YAML_SHAPES: Readonly<Record<string, (bytes: number) => string>> = {
  comments: filled("", () => "#\n", "rules: []\n"),
  rules: filled(
    "rules:\n",
    (at) => `- {name: r${at}, images: [g.io/a${at}], require: {reference: {pinned: true}}}\n`,
  ),
  anchors: filled("rules:\n", (at) => `- &a${at} x\n`),
  aliases: filled("rules: &a []\nx:\n", () => "- *a\n"),
  keys: filled("", (at) => `k${at}: 1\n`),
  "one key, again and again": filled("", () => "k: 1\n"),
  brackets: filled("rules: ", () => "["),
  "broken rules": filled("rules:\n", () => "- {name: X}\n"),
  quotes: filled("rules: ", () => '"'),
};

const waiverAt = (at: number): string =>
  `- {id: w${at}, class: signature, digest: "sha256:${String(at).padStart(64, "0")}", owner: a, reason: it is replaced by another image, created: 2026-11-01T00:00:00Z, expires: 2026-11-20T00:00:00Z, approvals: [{by: ana, seat: security}]}\n`;
const revocationAt = (at: number): string =>
  `- {id: r${at}, digest: "sha256:${String(at).padStart(64, "0")}", reason: the account was taken over, created: 2026-11-01T00:00:00Z}\n`;
const waivers = filled("waivers:\n", waiverAt);
const revocations = filled("revocations:\n", revocationAt);

function eachOf(
  name: string,
  bytes: number,
  shapes: typeof JSON_SHAPES,
  call: (input: string) => unknown,
): Scaling[] {
  return Object.entries(shapes).map(([shape, inputOf]) => ({
    name: `${name}: ${shape}`,
    bytes,
    inputOf,
    call,
  }));
}

function some(shapes: typeof JSON_SHAPES, ...names: readonly string[]): typeof JSON_SHAPES {
  return Object.fromEntries(names.map((name) => [name, shapes[name]!]));
}

/** A review of a pod with this text among what nobody reads. */
function reviewOf(json: string): Uint8Array {
  const review = JSON.stringify(aReview({ object: { ...(aPod("g.io/a:v1") as object), odd: "HERE" } }));
  return Buffer.from(review.replace('"HERE"', () => json));
}

/** What is read of a document, or why it is not. */
function documentOf(kind: DocumentKind, text: string): unknown {
  try {
    return readDocument(kind, Buffer.from(text), 4096);
  } catch (error) {
    return error;
  }
}

/** Everything that reads bytes of strangers, at the most bytes that it may be given. */
export const SCALINGS: readonly Scaling[] = [
  ...eachOf("JSON of 4 MiB", 4 * MIB, JSON_SHAPES, readJson),
  ...eachOf(
    "bounds of JSON of 4 MiB",
    4 * MIB,
    some(JSON_SHAPES, "quotes", "objects of one key with an escape"),
    (text) => jsonExcess(text, { depth: 1e9, values: 1e9, escapedKeys: 1e9 }),
  ),
  ...(["referrers", "evidence", "image", "tagged"] as const).flatMap((kind) =>
    eachOf(`a document of 4 MiB, as ${kind}`, 4 * MIB, DOCUMENT_SHAPES, (text) => documentOf(kind, text)),
  ),
  ...eachOf("a review of 7 MiB", 7 * MIB, some(JSON_SHAPES, "quotes", "backslashes in texts"), (text) =>
    readWorkload(reviewOf(text), []),
  ),
  ...eachOf(
    "the parts of a review of 7 MiB",
    7 * MIB,
    some(JSON_SHAPES, "quotes", "backslashes in texts"),
    (text) => readReviewParts(reviewOf(text), [["spec"]]),
  ),
  ...eachOf(
    "the parts of JSON of 4 MiB",
    4 * MIB,
    some(JSON_SHAPES, "plain keys, each another one", "empty lists"),
    (text) => readJsonParts(text, [["*", "k1"]]),
  ),
  ...eachOf(
    "a policy of 1 MiB",
    MIB,
    some(YAML_SHAPES, "rules", "keys", "broken rules", "brackets"),
    parsePolicy,
  ),
  ...eachOf("a policy of 400 KiB", 400 * KIB, YAML_SHAPES, parsePolicy),
  ...eachOf("manifests of 1 MiB", MIB, some(YAML_SHAPES, "aliases", "anchors", "comments"), readManifests),
  { name: "waivers of 1 MiB", bytes: MIB, inputOf: waivers, call: parseWaivers },
  { name: "revocations of 1 MiB", bytes: MIB, inputOf: revocations, call: parseRevocations },
  {
    name: "own approvals in waivers of 1 MiB",
    bytes: MIB,
    inputOf: waivers,
    call: (text) =>
      ownApprovals({ before: text.replaceAll("replaced", "renewed"), after: text, key: "waivers" }, "bo"),
  },
  {
    name: "weakenings of a policy of 1 MiB",
    bytes: MIB,
    inputOf: YAML_SHAPES["rules"]!,
    call: (text) => policyWeakenings(text, text),
  },
  {
    name: "weakenings of waivers of 1 MiB",
    bytes: MIB,
    inputOf: waivers,
    call: (text) => waiverWeakenings(text, text),
  },
  ...["</a>;rel=next,", "<", '"', "</a>;", ",", " ", '</a>;a="\\'].map((part) => ({
    name: `a Link header of 16 KiB: ${part}`,
    bytes: 16 * KIB,
    inputOf: (bytes: number) => part.repeat(bytes / part.length),
    call: (text: string) => repeated(() => parseLinks(text)),
  })),
  ...["a ", "a=", '"', "a a=", "a,", "= ", 'a="\\'].map((part) => ({
    name: `a WWW-Authenticate header of 8 KiB: ${part}`,
    bytes: 8 * KIB,
    inputOf: (bytes: number) => part.repeat(bytes / part.length),
    call: (text: string) => repeated(() => parseChallenges(text)),
  })),
];

/** Short calls, together long enough to be measured. */
function repeated(call: () => unknown): void {
  for (let at = 0; at < 50; at += 1) call();
}
