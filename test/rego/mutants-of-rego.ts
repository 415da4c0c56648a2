import type { Mutant } from "./mutate.ts";

type Row = readonly [what: string, from: string, to: string, caughtBy: string];

function of(file: string, rows: readonly Row[]): Mutant[] {
  return rows.map(([what, from, to, caughtBy]) => ({ file, what, from, to, caughtBy }));
}

const INSTANTS = of("policy/instants.rego", [
  ["a century is a leap year", "year % 100 != 0", "year % 1000 != 0", "field-created"],
  ["2400 is no leap year", "year % 400 == 0", "year % 1000 == 0", "field-created"],
  ["offsets the wrong way", `{"": 0, "+": 1, "-": -1}`, `{"": 0, "+": -1, "-": 1}`, "field-created"],
  ["30 February", "whole(d) <= days_in(whole(y), whole(mo))", "whole(d) <= 31", "field-created"],
  ["leap seconds", ":([0-5][0-9]):([0-5][0-9])(?:", ":([0-5][0-9]):([0-6][0-9])(?:", "field-created"],
  ["any number of digits of fraction", "[0-9]{1,9}", "[0-9]+", "field-created"],
  ["a day too long", "604800000, 86400000,", "604800000, 86400001,", "field-ttl"],
  ["a lifetime of nothing", "ms > 0", "ms >= 0", "field-ttl"],
]);

const FIELDS = of("policy/fields.rego", [
  ["text before a digest", "`^(?:sha256", "`(?:sha256", "field-digest"],
  [
    "2^53 nanoseconds",
    "largest_exact := 9007199254740991",
    "largest_exact := 9007199254740992",
    "field-ttl-ns",
  ],
  ["a reason of 19 characters", "count(value) >= 20", "count(value) >= 19", "field-reason"],
  ["a port that is none", "<= 65535", "<= 65536", "field-image"],
  ["an alias of Docker Hub", `, "registry-1.docker.io"}`, "}", "field-image"],
  [
    "17 approvals",
    `"of": "approval", "least": 0, "most": 16`,
    `"of": "approval", "least": 0, "most": 17`,
    "field-approvals",
  ],
  ["a seat of 65 characters", `"seat": 64`, `"seat": 65`, "field-approvals"],
  ["invisible characters", String.raw`{N}][^\p{Cc}\p{Cf}`, String.raw`{N}][^\p{Cc}`, "field-owner"],
  ["an approval without an instant", `{"by", "seat", "at"}`, `{"by", "seat"}`, "field-approvals"],
  ["signature waivers of 8 days", `"signature": 604800000`, `"signature": 691200000`, "lifetime"],
]);

const WAIVERS = of("policy/waivers.rego", [
  ["the last end counts", "end_of(waiver) := min(", "end_of(waiver) := max(", "lifetime"],
  ["an end at the start", "if end_of(waiver) > instants", "if end_of(waiver) >= instants", "end"],
  ["not the longest life itself", "life <= waiver_fields", "life < waiver_fields", "lifetime"],
  ["three renewals", "most_renewals := 2", "most_renewals := 3", "renewal"],
  ["the first twin is renewed", "readable[max(indexes", "readable[min(indexes", "renewal"],
  ["approvals in the short form", "\tapprovals_of(waiver) == []\n\tobject", "\tobject", "form"],
  [
    "an owner too many",
    `keeps("owner-twice", waiver) if not has(waiver, "owner")`,
    `keeps("owner-twice", _)`,
    "form",
  ],
  ["BOB approves for bob", "lower(trim(name", "(trim(name", "people"],
  ["an address is no name", "regex.split(`[@+]`, last)", "regex.split(`[+]`, last)", "people"],
  ["a tag makes another person", "regex.split(`[@+]`, last)", "regex.split(`[@]`, last)", "people"],
  ["a directory is part of a name", "`[:/\\\\#|<>]`", "`[:/#|<>]`", "people"],
  ["a separator at the end", '\t\tpart != ""\n', "", "people"],
  ["letters of other scripts", "{ unambiguous(name) }", "{ is_string(name) }", "people"],
  ["one person approves twice", "i != j\n\tnot same_person(a, b)", "i != j\n\ta != b", "people"],
  ["one person in both seats", "not same_person(manager.by, engineer.by)", "true", "seat"],
  ["the owner in a seat", "not same_person(engineer.by, asker)", "true", "seat"],
  [
    "promotable is no emergency",
    `emergency := {"provenance", "promotable"}`,
    `emergency := {"provenance"}`,
    "seat",
  ],
  ["two of one id", "count(indexes[id_of(waiver)]) == 1", "count(indexes[id_of(waiver)]) <= 2", "twin"],
  [
    "a rule that is not asked",
    `"approved-twice", "not-approved", "renews`,
    `"not-approved", "renews`,
    "people",
  ],
  ["any rule is enough", "every rule in rules {", "some rule in rules\n{", "lifetime"],
  ["after the first instant", "one.from <= now", "one.from < now", "clock"],
  ["expired a moment late", "if now >= one.until", "if now > one.until", "clock"],
  ["whatever the clock", "\tcounts(one)\n\tone.waiver.digest", "\tone.waiver.digest", "question"],
  ["48 hours before the end", "one.until - now <= soon_ms", "one.until - now < soon_ms", "clock"],
  ["the first that ends", "last := max(", "last := min(", "question"],
  ["the last of equals", "i := min([i |", "i := max([i |", "question"],
  ["findings without ids", "count(finding.ids) > 0", "count(finding.ids) >= 0", "question"],
  ["findings of another class", "one.class == finding.class", "true", "question"],
  ["another image", "waiver.image == at.image", "true", "question"],
]);

/** Mistakes in the Rego of the lint; the corpus finds each. */
export const REGO_MUTANTS: readonly Mutant[] = [...INSTANTS, ...FIELDS, ...WAIVERS];

/** Mistakes in the gate for findings; `conftest verify` finds each. */
export const GATE_MUTANTS: readonly Mutant[] = of("policy/supplychain.rego", [
  ["allowed unless refused", "default allow := false", "default allow := true", "verify"],
  ["lower-case severities", "upper(finding.severity)", "finding.severity", "verify"],
  [
    "severities nobody knows",
    "not is_harmless(finding)",
    `finding.severity in {"HIGH", "CRITICAL"}`,
    "verify",
  ],
  ["no list of findings", "if not has_findings", "if not is_array(input.findings)", "verify"],
  ["waivers of the input beside a registry", "registry := data.waivers", "registry := data.other", "verify"],
  ["a mode of the input", `data.settings.mode == "advisory"`, `input.mode == "advisory"`, "verify"],
  ["advisory fails", "\tnot advisory\n", "", "verify"],
  ["a violation in advisory", "some issue in deny", "some issue in issues", "verify"],
  [
    "a waiver that cannot be read is not over",
    `standing, i, "unreadable"`,
    `standing, i, "active"`,
    "verify",
  ],
  ["what is to come is over", `{"pending", "ending", "active"}`, `{"ending", "active"}`, "verify"],
  ["an element that is no waiver has no place", "\nelse := waiver\n", "\n", "verify"],
]);
