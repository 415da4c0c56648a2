import type { Problem } from "../core/index.ts";

/** What the schema calls `invalid-value`, by the field: each rule that a value can break has its own code. */
const CODES: Readonly<Record<string, string>> = {
  id: "bad-id",
  class: "unknown-class",
  digest: "bad-digest",
  findings: "bad-findings",
  "findings[]": "bad-finding",
  namespaces: "bad-namespaces",
  "namespaces[]": "bad-namespace",
  reason: "bad-reason",
  compensatingControl: "bad-control",
  ticket: "bad-ticket",
  owner: "bad-person",
  owners: "bad-owners",
  "owners[]": "bad-person",
  requestedBy: "bad-person",
  approvals: "too-many-approvals",
  "approvals[].by": "bad-person",
  "approvals[].seat": "bad-seat",
  "approvals[].ref": "bad-reference",
  "approvals[].bundle": "bad-bundle",
  ttl_ns: "bad-nanoseconds",
  renews: "bad-renews",
};

/** A problem under the code of the rule that it breaks. */
export function coded(problem: Problem): Problem {
  const field = problem.path.replace(/^waivers\[\d+\]\.?/, "").replaceAll(/\[\d+\]/g, "[]");
  const code = problem.rule === "invalid-value" ? CODES[field] : undefined;
  return code === undefined ? problem : { ...problem, rule: code };
}
