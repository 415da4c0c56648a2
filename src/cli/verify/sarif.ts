import { FAULTS, FINDINGS, fixOf, type Objection } from "../../core/index.ts";
import type { NotLookedAt } from "../targets.ts";
import type { Answer, Verified } from "./verify.ts";

const SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/** The answer for code scanning; what was not checked are notifications (3.20.21). Source: OASIS SARIF 2.1.0. */
export function sarifReport({ verified, notLookedAt }: Answer): string {
  const results = verified.flatMap((each) =>
    each.verdict.objections.map((objection) => resultOf(each, objection)),
  );
  const codes = [...new Set(results.map(({ ruleId }) => ruleId))];
  const driver = { name: "mc-gate", rules: codes.map(ruleOf) };
  const invocation = {
    executionSuccessful: true,
    toolExecutionNotifications: notLookedAt.map(notificationOf),
  };
  const runs = [{ tool: { driver }, invocations: [invocation], results }];
  return JSON.stringify({ $schema: SCHEMA, version: "2.1.0", runs }, undefined, 2);
}

function notificationOf({ file, line, object, why }: NotLookedAt) {
  const text = `not checked: ${object === "" ? "" : `${object}: `}${why}`;
  return { level: "note", message: { text }, locations: [locationOf(file, line)] };
}

function locationOf(file: string, line: number) {
  return { physicalLocation: { artifactLocation: { uri: encodeURI(file) }, region: { startLine: line } } };
}

function resultOf({ target, verdict }: Verified, objection: Objection) {
  const { code, message } = objection;
  const { file = target.image, line = 1 } = target;
  return {
    ruleId: code,
    level: verdict.decision === "deny" ? "error" : "warning",
    message: { text: `${target.image}: ${message}${legendOf(objection)}. ${fixOf(objection)}` },
    locations: [locationOf(file, line)],
    partialFingerprints: { image: target.image },
  };
}

function legendOf(objection: Objection): string {
  const signers = objection.kind === "finding" ? Object.entries(objection.signers ?? {}) : [];
  return signers.length === 0 ? "" : ` (${signers.map(([name, who]) => `${name} = ${who}`).join("; ")})`;
}

function ruleOf(id: Objection["code"]) {
  const { cause, fix } = { ...FINDINGS, ...FAULTS }[id];
  return { id, shortDescription: { text: cause }, help: { text: fix } };
}
