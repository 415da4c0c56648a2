import { PREDICATE_TYPES } from "../../../src/core/index.ts";
import { summary } from "../../support/predicates.ts";
import { asking, type Edit, type JsonObject, matcherRows, REQUIRE, type Row, signerRows } from "./row.ts";
import { now, stated, statedByBoth } from "./world.ts";

const AT = `${REQUIRE}.promotable`;
const KNOB = "rules[].require.promotable";
const VERIFIER = "https://acme.test/promoter";
const RESOURCE = "pkg:oci/app@1";
const predicate = summary({ timeVerified: now.toISOString(), resourceUri: RESOURCE });
const layers = [await stated(PREDICATE_TYPES.summaryV1, predicate)];

function askingSummary(settings: JsonObject = {}): Edit {
  return asking("promotable", { anyOf: ["a"], verifiers: [VERIFIER], ...settings });
}

const ONE_SIGNER: readonly Row[] = [
  ...matcherRows(`${KNOB}.verifiers[]`, `${AT}.verifiers.0`, VERIFIER, [askingSummary({ verifiers: [] })]),
  ...matcherRows(`${KNOB}.resourceUris[]`, `${AT}.resourceUris.0`, RESOURCE, [
    askingSummary({ resourceUris: [] }),
  ]),
  {
    knob: `${KNOB}.levels[]`,
    at: `${AT}.levels.0`,
    given: [askingSummary({ levels: [] })],
    flip: ["SLSA_BUILD_LEVEL_3", "SLSA_BUILD_LEVEL_4"],
  },
  {
    knob: `${KNOB}.maxAge`,
    at: `${AT}.maxAge`,
    given: [askingSummary()],
    flip: ["1d", "7d"],
    daysLater: 2,
  },
];

/** Rows of the gate promotable. */
export const PROMOTABLE_ROWS: readonly Row[] = [
  ...signerRows({
    knob: KNOB,
    at: AT,
    given: (signers) => asking("promotable", { ...signers, verifiers: [VERIFIER] }),
    layers: await statedByBoth(PREDICATE_TYPES.summaryV1, predicate),
  }),
  ...ONE_SIGNER.map((row) => ({ ...row, layers })),
];
