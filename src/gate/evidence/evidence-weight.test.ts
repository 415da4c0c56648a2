import { expect, it } from "vitest";

import { aSignature, aStatement, DIGEST, evidenceOf } from "../../../test/support/policies.ts";
import type { Vulnerability } from "../../core/index.ts";
import { weightOf } from "./evidence-weight.ts";

const FOUND: Vulnerability = { id: "CVE-2026-1111", severity: "low", fix: "none" };
const scan = aStatement("scan", { scan: { scanner: "trivy", vulnerabilities: [FOUND, FOUND, FOUND] } });
const vex = aStatement("vex", {
  vex: { statements: [{ vulnerabilities: ["x"], status: "fixed" }], setAside: [] },
});
const text = aStatement("text", { predicateText: "x".repeat(1000) });

it.each([
  ["nothing", {}, 1],
  ["a signature", { signatures: [aSignature()] }, 2],
  ["the names of two manifests", { manifests: [DIGEST, DIGEST] }, 3],
  ["a scan with three vulnerabilities", { attestations: [scan] }, 5],
  ["a VEX document with one statement", { attestations: [vex] }, 3],
  ["a predicate of 1,000 characters", { attestations: [text] }, 6],
])("evidence that holds %s weighs %i", (_, found, weight) => {
  expect(weightOf(evidenceOf(found))).toBe(weight);
});
