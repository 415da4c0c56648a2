/** A finding, and where it is found: `image` and `namespace` as the gate knows them. */
export interface Asked {
  readonly digest: string;
  readonly class: "vulnerability" | "sbom" | "signature" | "provenance" | "promotable" | "reference";
  readonly ids?: readonly string[];
  readonly image: string;
  readonly namespace: string;
}

/** A document as people write it, the clock at which it is read, and the findings that it may set aside. */
export interface Case {
  /** Stable, and a file's name. */
  readonly name: string;
  readonly text: string;
  readonly now: Date;
  readonly asked: readonly Asked[];
}

/** What one of the two engines makes of a case. */
export interface Answer {
  /** The rules by which the document as a whole is refused. */
  readonly document: readonly string[];
  /** The rules by which an entry is refused, sorted, by its index. */
  readonly refused: Readonly<Record<string, readonly string[]>>;
  /** Each waiver that counts within its window, by its id; instants in milliseconds. */
  readonly accepted: Readonly<Record<string, AcceptedWaiver>>;
  /** What sets nothing aside any more, or never did: `expired ID`, `unreadable INDEX`, sorted. */
  readonly ended: readonly string[];
  /** For each question the id of the waiver that sets the finding aside, or `none`. */
  readonly covering: readonly string[];
}

/** A waiver that counts within its window. */
export interface AcceptedWaiver {
  readonly class: string;
  readonly from: number;
  readonly until: number;
  readonly state: string;
}

/** An entry of the list as plain values, right or wrong. */
export type Entry = Readonly<Record<string, unknown>>;

/** The clock of every case that names no other. */
export const NOW = new Date("2026-11-24T12:00:00Z");

/** The digests that cases use. */
export const DIGEST = `sha256:${"a1".repeat(32)}`;
/** See above. */
export const OTHER_DIGEST = `sha256:${"b2".repeat(32)}`;

/** The short form, six days from its end. */
export const SHORT: Entry = {
  digest: DIGEST,
  created: "2026-11-24T00:00:00Z",
  ttl_ns: 604_800_000_000_000,
  owner: "team-shop",
};

/** The full form of a vulnerability waiver. */
export const FULL: Entry = {
  id: "WA-1",
  class: "vulnerability",
  digest: DIGEST,
  findings: ["CVE-2026-0001"],
  reason: "The fix is in review and due this week.",
  owners: ["team-shop"],
  requestedBy: "ana",
  approvals: [{ by: "sam", seat: "devsecops", at: "2026-11-23T10:00:00Z" }],
  created: "2026-11-24T00:00:00Z",
  ttl: "7d",
};

/** An emergency waiver, approved in both seats. */
export const EMERGENCY: Entry = {
  id: "WA-2",
  class: "provenance",
  digest: DIGEST,
  reason: "Hot fix for an outage, built by hand.",
  owners: ["team-shop"],
  requestedBy: "ana",
  approvals: [
    { by: "mia", seat: "release-manager", at: "2026-11-23T10:00:00Z" },
    { by: "sam", seat: "devsecops", at: "2026-11-23T10:00:00Z" },
  ],
  created: "2026-11-24T00:00:00Z",
  ttl: "72h",
};

/** An entry without some of its keys. */
export function without(entry: Entry, ...keys: readonly string[]): Entry {
  return Object.fromEntries(Object.entries(entry).filter(([key]) => !keys.includes(key)));
}

/** A document with these entries, as JSON, which is YAML as well. What YAML 1.1 takes for a line break is escaped. */
export function documentOf(...waivers: readonly unknown[]): string {
  return JSON.stringify({ waivers }, undefined, 1).replaceAll(
    /[\u0080-\u009f\u2028\u2029\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One case for each row: its part of the name and what stands in the list. */
export function casesOf(topic: string, rows: readonly (readonly unknown[])[], now: Date = NOW): Case[] {
  return rows.map((entries, index) => ({
    name: `${topic}-${index + 1}`,
    text: documentOf(...entries),
    now,
    asked: [],
  }));
}

/** One key of an entry after another, with values of every kind. */
export function valuesOf(key: string, values: readonly unknown[], entry: object = FULL): Case[] {
  return casesOf(
    `field-${key.toLowerCase().replace("_", "-")}`,
    values.map((value) => [{ ...entry, [key]: value }]),
  );
}
