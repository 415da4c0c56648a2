import type { VerificationSummary } from "../../core/index.ts";
import type { JsonObject } from "../json.ts";
import { Rejected } from "../rejected.ts";
import { at, dropUndefined, instantOf, needList, needText, textOf } from "./fields.ts";

const MAX_TEXT = 1024;
const MAX_LEVEL = 128;
const MAX_LEVELS = 64;

/** A SLSA verification summary v1. Throws Rejected where it is none. Source: slsa.dev/spec/v1.0/verification_summary. */
export function readSummary(predicate: JsonObject): VerificationSummary {
  const result = predicate["verificationResult"];
  if (result !== "PASSED" && result !== "FAILED") {
    throw new Rejected("malformed", "its verificationResult is neither PASSED nor FAILED");
  }
  const levels = needList(predicate["verifiedLevels"] ?? [], MAX_LEVELS, "verifiedLevels");
  const sha256 = textOf(at(predicate, "policy", "digest", "sha256"), 64);
  return dropUndefined<VerificationSummary>({
    verifier: needText(at(predicate, "verifier", "id"), MAX_TEXT, "the verifier's id"),
    result,
    levels: levels.map((each) => needText(each, MAX_LEVEL, "a level")),
    verifiedAt: instantOf(predicate["timeVerified"], "timeVerified"),
    policyUri: textOf(at(predicate, "policy", "uri"), MAX_TEXT),
    policyDigest: sha256 === undefined ? undefined : `sha256:${sha256}`,
    resourceUri: textOf(predicate["resourceUri"], MAX_TEXT),
  });
}
