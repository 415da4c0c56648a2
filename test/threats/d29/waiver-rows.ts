import { type Edit, REQUIRE, type Row } from "./row.ts";
import { approvedWaiver } from "./world.ts";

const AT = "waivers.approvers.sam";
const GIVEN: readonly Edit[] = [
  [REQUIRE, { signature: { anyOf: ["a"] } }],
  ["waivers", { requireSignedApprovals: true, approvers: { sam: { authority: "a", seats: ["devsecops"] } } }],
];
const signed = { given: GIVEN, layers: [], waiver: await approvedWaiver(true) };

/** Rows of what waivers must bring along: an image without a signature, and a waiver of it. */
export const WAIVER_ROWS: readonly Row[] = [
  {
    ...signed,
    knob: "waivers.requireSignedApprovals",
    at: "waivers.requireSignedApprovals",
    flip: [false, true],
    waiver: await approvedWaiver(false),
  },
  { ...signed, knob: "waivers.approvers.*.authority", at: `${AT}.authority`, flip: ["a", "b"] },
  { ...signed, knob: "waivers.approvers.*.seats[]", at: `${AT}.seats.0`, flip: ["devsecops", "owner"] },
];
