import { type Asked, type Case, DIGEST, documentOf, type Entry, OTHER_DIGEST } from "./case.ts";

type Random = () => number;

const DAY = 86_400_000;
const START = Date.parse("2026-11-24T00:00:00Z");
const NAMES: readonly string[] = [
  "ana",
  "Ana ",
  "sam",
  "SAM",
  "mia",
  "team-shop",
  "Team-Shop",
  "Éva",
  "éva",
  "李",
];
const CLASSES = ["vulnerability", "sbom", "signature", "provenance", "promotable"] as const;
const CVES: readonly string[] = ["CVE-2026-0001", "CVE-2026-0002", "CVE-2026-0003"];
const IMAGES: readonly string[] = ["ghcr.io/acme/app", "ghcr.io/acme/web"];
const NAMESPACES: readonly string[] = ["shop", "bank"];
const SEATS: readonly string[] = ["release-manager", "devsecops", "service-owner"];
const EDGES: readonly number[] = [0, 0, 0, -1, 1, 500, -1000, 1000];

/** Numbers in [0, 1) that are the same in every run: mulberry32. */
function randomFrom(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function pick<T>(random: Random, from: readonly T[]): T {
  return from[Math.floor(random() * from.length)]!;
}

function some<T>(random: Random, from: readonly T[]): T[] {
  const chosen = from.filter(() => random() < 0.5);
  return chosen.length > 0 ? chosen : [pick(random, from)];
}

/** An instant in one of the ways to write it: some offset, some digits of fraction. */
function instantText(random: Random, ms: number): string {
  const minutes = pick(random, [0, 0, 60, -60, 330, -570, 845, 1439, -1439]);
  const local = new Date(ms + minutes * 60_000).toISOString();
  const fraction = pick(random, [
    "",
    local.slice(19, 23),
    `${local.slice(19, 23)}000`,
    `${local.slice(19, 23)}999999`,
  ]);
  if (minutes === 0) return `${local.slice(0, 19)}${fraction}${pick(random, ["Z", "Z", "+00:00", "-00:00"])}`;
  const size = Math.abs(minutes);
  const clock = [Math.floor(size / 60), size % 60].map((part) => String(part).padStart(2, "0")).join(":");
  return `${local.slice(0, 19)}${fraction}${minutes < 0 ? "-" : "+"}${clock}`;
}

/** A date anywhere from 1970 to 9999, near the end of a month, which the calendar may not have. */
function dateText(random: Random): string {
  const year = pick(random, [1970, 1972, 1999, 2000, 2024, 2026, 2027, 2028, 2096, 2100, 2104, 2400, 9999]);
  const month = 1 + Math.floor(random() * 12);
  const day = 27 + Math.floor(random() * 6);
  const hour = Math.floor(random() * 25);
  const text = [month, day].map((part) => String(part).padStart(2, "0")).join("-");
  return `${year}-${text}T${String(hour).padStart(2, "0")}:${pick(random, ["00:00", "59:59", "30:60"])}Z`;
}

function durationText(random: Random, ms: number): string {
  let rest = Math.floor(ms / 1000);
  const units = pick(random, [["w", "d", "h", "m", "s"], ["d", "h", "m", "s"], ["h", "m", "s"], ["s"]]);
  const sizes: Readonly<Record<string, number>> = { w: 604_800, d: 86_400, h: 3600, m: 60, s: 1 };
  const parts = units.map((unit) => {
    const count = Math.floor(rest / sizes[unit]!);
    rest -= count * sizes[unit]!;
    return count > 0 || random() < 0.1 ? `${count}${unit}` : "";
  });
  return parts.join("");
}

/** One to three ends, around the longest life of some class or around anything else. */
function endsOf(random: Random, created: number): Entry {
  const days = pick(random, [1, 3, 3, 7, 7, 30, 30, 31, 365]);
  const life = days * DAY + pick(random, EDGES);
  const kinds = some(random, ["ttl", "ttl_ns", "expires"]);
  const ends: Readonly<Record<string, () => unknown>> = {
    ttl: () => durationText(random, life),
    ttl_ns: () => Math.floor(life * 1e6) + pick(random, [0, 0, 1, 999_999, 1_000_000]),
    expires: () => instantText(random, created + life),
  };
  return Object.fromEntries(kinds.map((kind) => [kind, ends[kind]!()]));
}

function approvalsOf(random: Random): Entry[] {
  const count = Math.floor(random() * 4);
  return Array.from({ length: count }, () => ({
    by: pick(random, NAMES),
    seat: pick(random, SEATS),
    at: instantText(random, START - DAY),
    ...(random() < 0.2 && { ref: "https://github.com/acme/policy/pull/17" }),
  }));
}

function shortEntry(random: Random): Entry {
  const created = START + pick(random, EDGES);
  return {
    digest: pick(random, [DIGEST, OTHER_DIGEST]),
    created: instantText(random, created),
    ttl_ns: Math.floor(random() * 40 * DAY) * 1_000_000,
    owner: pick(random, NAMES),
  };
}

function fullEntry(random: Random, id: string): Entry {
  const created = START + pick(random, EDGES) + Math.floor(random() * 3) * DAY;
  const kind = pick(random, CLASSES);
  return {
    id,
    class: kind,
    digest: pick(random, [DIGEST, DIGEST, OTHER_DIGEST]),
    ...(random() < (kind === "vulnerability" ? 0.9 : 0.1) && { findings: some(random, CVES) }),
    ...(random() < 0.3 && { image: pick(random, IMAGES) }),
    ...(random() < 0.3 && { namespaces: some(random, NAMESPACES) }),
    reason: "The fix is in review and due this week.",
    owners: some(random, NAMES).slice(0, 2),
    ...(random() < 0.6 && { requestedBy: pick(random, NAMES) }),
    approvals: approvalsOf(random),
    created: instantText(random, created),
    ...endsOf(random, created),
    ...(random() < 0.3 && { renews: `w-${Math.floor(random() * 6)}` }),
  };
}

const WRONG: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  "",
  " ",
  "x",
  [],
  {},
  [[]],
  ["x"],
  { by: "sam" },
];

/** One key gone, unknown, or of another kind: most entries stay as they are. */
function damaged(random: Random, entry: Entry): Entry {
  if (random() < 0.6) return entry;
  const key = pick(random, Object.keys(entry));
  const how = pick(random, ["gone", "wrong", "unknown", "date", "text"]);
  if (how === "gone") return Object.fromEntries(Object.entries(entry).filter(([each]) => each !== key));
  if (how === "unknown") return { ...entry, [`${key}s`]: entry[key] };
  if (how === "date") return { ...entry, [pick(random, ["created", "expires"])]: dateText(random) };
  if (how === "wrong") return { ...entry, [key]: pick(random, WRONG) };
  return { ...entry, [key]: broken(random, entry[key]) };
}

/** A text with one character gone, doubled or replaced. */
function broken(random: Random, value: unknown): unknown {
  if (typeof value !== "string") return String(value);
  const at = Math.floor(random() * (value.length + 1));
  const put = pick(random, [
    "",
    " ",
    "0",
    "9",
    "-",
    ":",
    "T",
    "Z",
    ".",
    "\n",
    "é",
    value.charAt(at).repeat(2),
  ]);
  return `${value.slice(0, at)}${put}${value.slice(at + pick(random, [0, 1]))}`;
}

function askedOf(random: Random): Asked {
  return {
    digest: pick(random, [DIGEST, DIGEST, OTHER_DIGEST]),
    class: pick(random, [...CLASSES, "vulnerability", "vulnerability"]),
    ids: random() < 0.1 ? [] : some(random, CVES).slice(0, pick(random, [1, 1, 2])),
    image: pick(random, IMAGES),
    namespace: pick(random, NAMESPACES),
  };
}

function generatedCase(random: Random, index: number): Case {
  const count = 1 + Math.floor(random() * 5);
  const entries = Array.from({ length: count }, (_, at) => {
    const id = random() < 0.05 ? "w-0" : `w-${at}`;
    return damaged(random, random() < 0.2 ? shortEntry(random) : fullEntry(random, id));
  });
  const now = START + Math.floor(random() * 10) * DAY + pick(random, EDGES);
  const asked = Array.from({ length: 4 }, () => askedOf(random));
  return { name: `generated-${index + 1}`, text: documentOf(...entries), now: new Date(now), asked };
}

/** As many cases as asked for, the same ones in every run. */
export function generatedCases(count: number, seed: number): Case[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, (_, index) => generatedCase(random, index));
}
