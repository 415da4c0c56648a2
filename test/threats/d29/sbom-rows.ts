import { PREDICATE_TYPES } from "../../../src/core/index.ts";
import { cycloneDx, spdx23 } from "../../support/predicates.ts";
import { asking, REQUIRE, type Row, signerRows } from "./row.ts";
import { now, stated, statedByBoth } from "./world.ts";

const { spdx, cyclonedx } = PREDICATE_TYPES;
const AT = `${REQUIRE}.sbom`;
const KNOB = "rules[].require.sbom";
const twoPackages = [await stated(spdx, spdx23(2, now.toISOString()))];

/** Rows of the gate sbom. */
export const SBOM_ROWS: readonly Row[] = [
  ...signerRows({
    knob: KNOB,
    at: AT,
    given: (signers) => asking("sbom", signers),
    layers: await statedByBoth(spdx, spdx23()),
  }),
  {
    knob: `${KNOB}.formats[]`,
    at: `${AT}.formats.0`,
    given: [asking("sbom", { anyOf: ["a"], formats: [] })],
    flip: ["spdx", "cyclonedx"],
    layers: [await stated(cyclonedx, cycloneDx())],
  },
  {
    knob: `${KNOB}.minComponents`,
    at: `${AT}.minComponents`,
    given: [asking("sbom", { anyOf: ["a"] })],
    flip: [2, 3],
    layers: twoPackages,
  },
  {
    knob: `${KNOB}.maxAge`,
    at: `${AT}.maxAge`,
    given: [asking("sbom", { anyOf: ["a"] })],
    flip: ["1d", "7d"],
    layers: twoPackages,
    daysLater: 2,
  },
];
