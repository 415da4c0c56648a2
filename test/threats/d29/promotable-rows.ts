import { PREDICATE_TYPES } from "../../../src/core/index.ts";
import { summary } from "../../support/predicates.ts";
import { asking, type Edit, type JsonObject, matcherRows, REQUIRE, type Row, signerRows } from "./row.ts";
import { now, stated, statedByBoth } from "./world.ts";

const AT = `${REQUIRE}.promotable`;
const KNOB = "rules[].require.promotable";
const VERIFIER = "https://acme.test/promoter";
const RESOURCE = "pkg:oci/app?repository_url=ghcr.io/acme/app";
const POLICY = "https://acme.test/policy";
const predicate = summary({ timeVerified: now.toISOString(), resourceUri: RESOURCE });
const layers = [await stated(PREDICATE_TYPES.summaryV1, predicate)];

const policy = { uri: `${POLICY}#namespace=shop` };
const forShop = [await stated(PREDICATE_TYPES.summaryV1, { ...predicate, policy })];

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
    knob: `${KNOB}.policies`,
    at: `${AT}.policies`,
    given: [askingSummary()],
    flip: [null, "inForce"],
  },
  ...matcherRows(`${KNOB}.policies[].uri`, `${AT}.policies.0.uri`, POLICY, [
    askingSummary({ policies: [{}] }),
  ]),
  {
    knob: `${KNOB}.policies[].digests[]`,
    at: `${AT}.policies.0.digests.0`,
    given: [askingSummary({ policies: [{ uri: POLICY, digests: [] }] })],
    flip: [`sha256:${"b".repeat(64)}`, `sha256:${"c".repeat(64)}`],
  },
  {
    knob: `${KNOB}.judgedFor[]`,
    at: `${AT}.judgedFor.0`,
    given: [askingSummary({ judgedFor: [] })],
    flip: ["shop", "lax"],
    layers: forShop,
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
  ...ONE_SIGNER.map((row) => ({ layers, ...row })),
];
