import {
  type Case,
  casesOf,
  DIGEST,
  EMERGENCY,
  type Entry,
  FULL,
  OTHER_DIGEST,
  SHORT,
  without,
} from "./case.ts";

const DAYS: Readonly<Record<string, number>> = {
  vulnerability: 30,
  sbom: 30,
  signature: 7,
  provenance: 3,
  promotable: 3,
};

function ofClass(name: string): Entry {
  const entry = { ...EMERGENCY, class: name };
  return name === "vulnerability" ? { ...entry, findings: ["CVE-2026-0001"] } : entry;
}

/** The longest life of each class, said in each way, and a little more. */
function lifetimes(): Case[] {
  const rows = Object.entries(DAYS).flatMap(([name, days]) => {
    const entry = without(ofClass(name), "ttl");
    const end = new Date(Date.parse("2026-11-24T00:00:00Z") + days * 86_400_000);
    const text = (ms: number) => new Date(end.getTime() + ms).toISOString();
    return [
      { ttl: `${days}d` },
      { ttl: `${days}d1s` },
      { ttl: `${days * 24}h` },
      { ttl: `${days * 24 - 1}h59m59s` },
      { ttl_ns: days * 86_400_000_000_000 },
      { ttl_ns: days * 86_400_000_000_000 + 999_999 },
      { ttl_ns: days * 86_400_000_000_000 + 1_000_000 },
      { expires: text(0) },
      { expires: text(-1) },
      { expires: text(1) },
      { expires: text(0).replace("000Z", "0009Z") },
      { ttl: `${days}d1s`, expires: text(0) },
      { ttl: `${days}d`, expires: text(1) },
      { ttl: "1h", ttl_ns: days * 86_400_000_000_001, expires: text(1) },
    ].map((keysOfEnd) => [{ ...entry, ...keysOfEnd }]);
  });
  return casesOf("lifetime", rows);
}

function ends(): Case[] {
  const open = without(FULL, "ttl");
  const created = "2026-11-24T00:00:00.500Z";
  return casesOf("end", [
    [open],
    [without(SHORT, "ttl_ns")],
    [{ ...open, expires: "2026-11-24T00:00:00Z" }],
    [{ ...open, expires: "2026-11-23T23:59:59Z" }],
    [{ ...open, expires: "2026-11-24T00:00:00.001Z" }],
    [{ ...open, expires: "2026-11-24T00:00:00.0009Z" }],
    [{ ...open, created, expires: "2026-11-24T00:00:00.500Z" }],
    [{ ...open, created, expires: "2026-11-24T00:00:00.5009Z" }],
    [{ ...open, created, expires: "2026-11-24T00:00:00.501Z" }],
    [{ ...open, created, expires: "2026-11-24T01:00:00.499+01:00" }],
    [{ ...open, created, expires: "2026-11-24T01:00:00.501+01:00" }],
    [{ ...open, created, ttl_ns: 1_000_000 }],
    [{ ...open, created, ttl_ns: 999_999 }],
    [{ ...open, ttl: "1h", expires: "2026-11-23T00:00:00Z" }],
    [{ ...open, ttl: "400d", expires: "2026-11-25T00:00:00Z" }],
    [{ ...open, ttl: "never", expires: "2026-11-25T00:00:00Z" }],
    [{ ...open, ttl: "1h", expires: "never" }],
    [{ ...open, created: "9999-12-31T23:00:00Z", ttl: "2h" }],
    [{ ...open, created: "9999-12-31T23:00:00Z", ttl: "30d" }],
    [{ ...open, created: "1970-01-01T00:00:00+23:59", ttl: "1d" }],
    [{ ...open, created: "2028-02-28T12:00:00Z", expires: "2028-03-29T12:00:00Z" }],
    [{ ...open, created: "2028-02-28T12:00:00Z", expires: "2028-03-29T12:00:01Z" }],
    [{ ...open, created: "2027-02-28T12:00:00Z", expires: "2027-03-30T12:00:00Z" }],
    [{ ...open, created: "2027-02-28T12:00:00Z", expires: "2027-03-30T12:00:01Z" }],
  ]);
}

/** What makes a waiver the short form, and what it may then leave out. */
function forms(): Case[] {
  return casesOf("form", [
    [SHORT],
    [{ ...SHORT, approvals: [] }],
    [{ ...SHORT, approvals: [{ by: "sam", seat: "devsecops", at: "2026-11-23T10:00:00Z" }] }],
    [without(SHORT, "owner")],
    [{ ...without(SHORT, "owner"), owners: ["team-shop"] }],
    [{ ...SHORT, owners: ["team-shop"] }],
    [{ ...SHORT, id: "WA-9" }],
    [{ ...SHORT, ttl: "7d" }],
    [{ ...SHORT, expires: "2026-11-25T00:00:00Z" }],
    [{ ...without(SHORT, "ttl_ns"), ttl: "7d" }],
    [{ ...SHORT, class: "vulnerability" }],
    [{ ...SHORT, class: "signature" }],
    [{ ...SHORT, findings: ["CVE-2026-0001"] }],
    [{ ...SHORT, reason: "The fix is in review and due this week." }],
    [{ ...SHORT, ticket: "SEC-1" }],
    [{ ...SHORT, namespaces: ["shop"] }],
    [{ ...SHORT, image: "ghcr.io/acme/app" }],
    [{ ...SHORT, requestedBy: "ana" }],
    [{ ...SHORT, renews: "WA-1" }],
    [{ ...SHORT, compensatingControl: "A rule of the firewall." }],
    [{ ...SHORT, digest: `sha512:${"0f".repeat(64)}` }],
  ]);
}

/** Keys that are missing, unknown, or of another form. */
function keys(): Case[] {
  return casesOf("key", [
    [without(SHORT, "digest")],
    [without(SHORT, "created")],
    [without(SHORT, "digest", "created")],
    [{}],
    [{ ...SHORT, Digest: DIGEST }],
    [{ ...SHORT, requested_by: "ana", compensating_control: "x" }],
    [{ ...SHORT, owner: null, owners: null }],
    ...["id", "class", "findings", "reason", "owners", "requestedBy", "approvals", "created", "ttl"].map(
      (key) => [without(FULL, key)],
    ),
    ...["signature", "sbom"].flatMap((name) => [
      [{ ...FULL, class: name }],
      [{ ...without(FULL, "findings"), class: name }],
    ]),
    [{ ...FULL, owner: "team-shop" }],
    [{ ...without(FULL, "owners"), owner: "team-shop" }],
    [{ ...without(FULL, "id", "class", "reason", "findings", "owners", "ttl"), unknown: 1 }],
    [without(FULL, "id", "class", "reason", "findings", "owners", "ttl")],
  ]);
}

/** Entries that are none, beside one that is. */
function oddEntries(): Case[] {
  return casesOf("entry", [
    [],
    [null],
    [3],
    ["text"],
    [[]],
    [[SHORT]],
    [true],
    [SHORT, null, { ...SHORT, digest: OTHER_DIGEST }],
    [{}, SHORT, {}],
    [{ ...FULL, id: null, class: 3, ttl: null, created: "x", image: "nginx", extra: 1 }],
    [{ ...FULL, "": 1 }],
    [{ ...FULL, "a b": 1, ü: 2 }],
    [{ ...FULL, Id: "b", TTL: "7d" }],
    [{ waivers: [SHORT] }],
  ]);
}

/** What the rules say of one waiver by itself, and entries that are none. */
export function ruleCases(): Case[] {
  return [...lifetimes(), ...ends(), ...forms(), ...keys(), ...oddEntries()];
}
