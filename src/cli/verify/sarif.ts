import { FAULTS, FINDINGS, type Objection } from "../../core/index.ts";
import type { Verified } from "./verify.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** The answer for code scanning. Source: OASIS SARIF 2.1.0. */
export function sarifReport(verified: readonly Verified[]): string {
  const results = verified.flatMap((each) =>
    each.verdict.objections.map((objection) => resultOf(each, objection)),
  );
  const codes = [...new Set(results.map(({ ruleId }) => ruleId))];
  const driver = { name: "mc-gate", rules: codes.map(ruleOf) };
  return JSON.stringify(
    { $schema: SCHEMA, version: "2.1.0", runs: [{ tool: { driver }, results }] },
    undefined,
    2,
  );
}

function resultOf({ target, verdict }: Verified, { code, message }: Objection) {
  const { file = target.image, line = 1 } = target;
  return {
    ruleId: code,
    level: verdict.decision === "deny" ? "error" : "warning",
    message: { text: `${target.image}: ${message}` },
    locations: [
      { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: line } } },
    ],
    partialFingerprints: { image: target.image },
  };
}

function ruleOf(id: Objection["code"]) {
  const { cause, fix } = { ...FINDINGS, ...FAULTS }[id];
  return { id, shortDescription: { text: cause }, help: { text: fix } };
}
