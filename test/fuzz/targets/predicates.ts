import * as fc from "fast-check";

import { PREDICATE_TYPES, printable } from "../../../src/core/index.ts";
import { parseJsonObject } from "../../../src/verify/json.ts";
import { extractOf } from "../../../src/verify/predicates/index.ts";
import { Rejected } from "../../../src/verify/rejected.ts";
import { DIGEST } from "../../support/policies.ts";
import {
  cosignVuln,
  cycloneDx,
  grypeReport,
  inTotoResult,
  openVex,
  sarifLog,
  spdx23,
  spdx3,
  summary,
  trivyReport,
} from "../../support/predicates.ts";
import { PRODUCERS } from "../../support/provenances/index.ts";
import { grypeSarif, osvSarif, scoutSarif, snykSarif, trivySarif } from "../../support/sarif.ts";
import { jsonTexts } from "../generate/json-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { at } from "../read.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const FOUND = [
  { id: "CVE-2026-1111", fixed: "1.3.2" },
  { id: "CVE-2026-2222", severity: "LOW" },
];
const SCORED = [{ id: "CVE-2026-1111", score: "9.8" }];
const VALID = [
  spdx23(),
  spdx3(),
  cycloneDx(),
  cosignVuln(trivyReport(FOUND)),
  cosignVuln(grypeReport(FOUND)),
  cosignVuln(sarifLog(FOUND)),
  cosignVuln(inTotoResult(SCORED)),
  ...[grypeSarif, osvSarif, scoutSarif, snykSarif, trivySarif].map((each) =>
    cosignVuln(each([{}, { score: 9.8 }])),
  ),
  openVex(DIGEST, [
    { name: "CVE-2026-1111" },
    { name: "CVE-2026-2222", status: "affected" },
    {
      name: "CVE-2026-3333",
      products: ["pkg:docker/acme/app@v1", "ghcr.io/acme/app:v1", "pkg:npm/express@4"],
    },
  ]),
  summary(),
  ...PRODUCERS.map(({ of }) => of()),
];
const TYPES = [
  ...Object.values(PREDICATE_TYPES),
  "https://spdx.dev/Document/v2.3",
  "https://acme.example/own/v1",
];

/** SBOMs, scans, VEX, provenance and summaries: an extract, or why there is none, and no vulnerability is lost. */
export function open(): AnyTarget {
  return target({
    inputs: fc.record({
      predicateType: fc.constantFrom(...TYPES),
      text: jsonTexts(mutatedValues(VALID, 4)),
    }),
    call: ({ predicateType, text }) => {
      const predicate = parseJsonObject(text, "the predicate");
      return { predicate, extract: extractOf({ predicateType, predicate, subject: DIGEST }) };
    },
    mayThrow: (error) => error instanceof Rejected,
    check: ({ predicate, extract }) => {
      const { unreadable, scan, ...others } = extract;
      hold(Object.keys(extract).length <= 1, "it is two things at once");
      if (unreadable !== undefined)
        hold(unreadable !== "" && printable(unreadable, 200) === unreadable, "it does not say why");
      const count = reportedIn(at(predicate, "scanner", "result"));
      hold(
        scan === undefined || count === undefined || scan.vulnerabilities.length === count,
        "a vulnerability is lost",
      );
      hold(Number.isFinite(others.sbom?.components ?? 0), "it has no number of components");
    },
  });
}

/** How many vulnerabilities a report of Trivy or Grype lists; undefined where it is none. */
function reportedIn(result: unknown): number | undefined {
  const matches = at(result, "matches");
  if (Array.isArray(matches)) return at(result, "runs") === undefined ? matches.length : undefined;
  const results = at(result, "Results");
  if (!Array.isArray(results) || at(result, "runs") !== undefined || matches !== undefined) return undefined;
  return results
    .map((each) => at(each, "Vulnerabilities"))
    .reduce<number>((sum, each) => sum + (Array.isArray(each) ? each.length : 0), 0);
}
