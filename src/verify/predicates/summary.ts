import type { SummaryPolicy, VerificationSummary } from "../../core/index.ts";
import { isObject, type JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, instantOf, needList, needText, textOf } from "./fields.ts";

const MAX_TEXT = 1024;
const MAX_LEVEL = 128;
const MAX_LEVELS = 64;
const MAX_POLICIES = 16;
const MAX_NAMES = 16;

/** A SLSA verification summary v1. Throws Rejected where it is none. Source: slsa.dev/spec/v1.2/verification_summary. */
export function readSummary(predicate: JsonObject): VerificationSummary {
  const result = predicate["verificationResult"];
  if (result !== "PASSED" && result !== "FAILED") {
    throw new Rejected("malformed", "its verificationResult is neither PASSED nor FAILED");
  }
  const resource = textOf(predicate["resourceUri"], MAX_TEXT);
  return dropUndefined<VerificationSummary>({
    kind: "vsa",
    verifier: needText(at(predicate, "verifier", "id"), MAX_TEXT, "the verifier's id"),
    result,
    levels: levelsOf(predicate["verifiedLevels"] ?? [], "verifiedLevels"),
    verifiedAt: instantOf(predicate["timeVerified"], "timeVerified"),
    policies: policiesOf([predicate["policy"]]),
    resources: resource === undefined ? [] : [resource],
  });
}

/**
 * A simple verification result v0.2. It has no field for what it is about: the names of its subject say that. Throws Rejected
 * where it is none. Source: in-toto attestation, spec/predicates/svr.md.
 */
export function readResult(predicate: JsonObject, names: readonly string[] = []): VerificationSummary {
  const policies = needList(at(predicate, "verifier", "policies"), MAX_POLICIES, "policies of the verifier");
  return dropUndefined<VerificationSummary>({
    kind: "svr",
    verifier: needText(at(predicate, "verifier", "id"), MAX_TEXT, "the verifier's id"),
    result: "PASSED",
    levels: levelsOf(predicate["properties"], "properties"),
    verifiedAt: instantOf(needText(predicate["timeCreated"], MAX_TEXT, "timeCreated"), "timeCreated"),
    policies: policiesOf(policies),
    resources: names.filter((name) => name.length <= MAX_TEXT).slice(0, MAX_NAMES),
  });
}

function levelsOf(value: unknown, what: string): string[] {
  return needList(value, MAX_LEVELS, what).map((each) => needText(each, MAX_LEVEL, "a level"));
}

/** Resource descriptors; one that names neither an address nor a digest says nothing. */
function policiesOf(written: readonly unknown[]): SummaryPolicy[] {
  return written.filter(isObject).flatMap((policy) => {
    const sha256 = textOf(at(policy, "digest", "sha256"), 64);
    const uri = textOf(policy["uri"], MAX_TEXT);
    const digest = sha256 === undefined ? undefined : `sha256:${sha256.toLowerCase()}`;
    if (uri === undefined && digest === undefined) return [];
    return [dropUndefined<SummaryPolicy>({ uri, digest })];
  });
}
