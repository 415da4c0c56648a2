import type { Evidence } from "../../core/index.ts";

/** Characters of a predicate's text that take about as much memory as one fact. */
const CHARACTERS_OF_A_FACT = 256;

/**
 * How much memory evidence takes, in facts of about 250 bytes: signatures, attestations, and each vulnerability and
 * statement that they list. A year of scans of one image can list a hundred thousand.
 */
export function weightOf({ signatures, attestations, rejections, manifests = [] }: Evidence): number {
  const extracts = attestations.map(
    ({ scan, vex, predicateText = "" }) =>
      (scan?.vulnerabilities.length ?? 0) +
      (vex?.statements.length ?? 0) +
      Math.ceil(predicateText.length / CHARACTERS_OF_A_FACT),
  );
  const single = 1 + signatures.length + attestations.length + rejections.length + manifests.length;
  return extracts.reduce((sum, each) => sum + each, single);
}
