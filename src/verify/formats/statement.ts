import { type Digest, splitDigest } from "../../core/index.ts";
import { isObject, type JsonObject, listOf, parseJsonObject } from "../json.ts";
import { LIMITS } from "../limits.ts";
import { Rejected } from "../rejected.ts";

const PAYLOAD_TYPE = "application/vnd.in-toto+json";
const STATEMENT_TYPES: readonly unknown[] = [
  "https://in-toto.io/Statement/v1",
  "https://in-toto.io/Statement/v0.1", // what `cosign attest` still writes
];
const MAX_PREDICATE_TYPE = 512;
const MAX_NAME = 2048;

/** An in-toto statement about the subject asked for. */
export interface Statement {
  readonly predicateType: string;
  /** Empty where the statement has none, as cosign 3.0.4's signatures. */
  readonly predicate: JsonObject;
  /** What the statement calls the digest asked for: one name for each of its subjects that has this digest and a name. */
  readonly subjectNames: readonly string[];
}

/**
 * Reads an in-toto statement and holds it to the digest asked for. The verification library checks neither payload
 * type, statement type nor subject. Throws Rejected. Source: in-toto attestation spec v1, statement.md.
 */
export function readStatement(payloadType: string, payload: Uint8Array, subject: Digest): Statement {
  if (payloadType !== PAYLOAD_TYPE)
    throw new Rejected("unsupported", `the payload is ${payloadType}, not an in-toto statement`);
  const statement = parseJsonObject(payload, "the statement");
  if (!STATEMENT_TYPES.includes(statement["_type"]))
    throw new Rejected("malformed", "the statement's _type is unknown");
  const { predicateType, predicate } = statement;
  if (
    typeof predicateType !== "string" ||
    predicateType === "" ||
    predicateType.length > MAX_PREDICATE_TYPE
  ) {
    throw new Rejected("malformed", "the statement has no predicateType");
  }
  const subjects = listOf(statement["subject"], LIMITS.subjects, "subjects");
  const asked = subjects.filter((each) => names(each, subject));
  if (asked.length === 0) {
    throw new Rejected("wrong-subject", "the statement is about digests other than the requested one");
  }
  return {
    predicateType,
    predicate: isObject(predicate) ? predicate : {},
    subjectNames: asked.flatMap(nameOf),
  };
}

function nameOf({ name }: JsonObject): string[] {
  return typeof name === "string" && name !== "" && name.length <= MAX_NAME ? [name] : [];
}

function names(candidate: unknown, subject: Digest): candidate is JsonObject {
  if (!isObject(candidate) || !isObject(candidate["digest"])) return false;
  const { algorithm, hex } = splitDigest(subject);
  return Object.hasOwn(candidate["digest"], algorithm) && candidate["digest"][algorithm] === hex;
}
