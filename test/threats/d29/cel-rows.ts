import { asking, type Edit, type JsonObject, REQUIRE, type Row, signerRows } from "./row.ts";
import { stated, statedByBoth } from "./world.ts";

const AT = `${REQUIRE}.cel.0`;
const KNOB = "rules[].require.cel[]";
const TYPE = "https://acme.test/review/v1";
const layers = [await stated(TYPE, { approved: true })];

function checking(differing: JsonObject): Edit {
  const check = { predicateType: TYPE, expression: "predicate.approved", message: "it needs a review" };
  return asking("cel", [{ ...check, ...differing }]);
}

/** Rows of the gate cel. */
export const CEL_ROWS: readonly Row[] = [
  ...signerRows({
    knob: KNOB,
    at: AT,
    given: (signers) => checking(signers),
    layers: await statedByBoth(TYPE, { approved: true }),
  }),
  {
    knob: `${KNOB}.predicateType`,
    at: `${AT}.predicateType`,
    given: [checking({ anyOf: ["a"] })],
    flip: [TYPE, `${TYPE}x`],
    layers,
  },
  {
    knob: `${KNOB}.expression`,
    at: `${AT}.expression`,
    given: [checking({ anyOf: ["a"] })],
    flip: ["predicate.approved", "!predicate.approved"],
    layers,
  },
  {
    knob: `${KNOB}.message`,
    at: `${AT}.message`,
    given: [checking({ anyOf: ["a"], expression: "!predicate.approved" })],
    flip: ["it needs a review", "it needs another review"],
    layers,
    isWording: true,
  },
];
