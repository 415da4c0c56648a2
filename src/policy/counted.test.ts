import { expect, it } from "vitest";

import {
  anImage,
  aSigner,
  aStatement,
  evidenceOf,
  NOW,
  policyAsking,
  SECURITY,
} from "../../test/support/policies.ts";
import { type Attestation, digestOf, PREDICATE_TYPES, type Verified } from "../core/index.ts";
import { countedEvidence } from "./counted.ts";

const security = aSigner({ identity: SECURITY });
const mallory = aSigner({ identity: "https://github.com/mallory/app/x@y" });

function provenanceBy(signer: Attestation["signer"], builderId: string): Attestation {
  const attachment = digestOf(JSON.stringify([signer, builderId]));
  return aStatement(PREDICATE_TYPES.provenanceV1, {
    signer,
    attachment,
    provenance: { builderId, sources: [] },
  });
}

const good = provenanceBy(aSigner(), "urn:good");
const wrong = provenanceBy(security, "urn:wrong");
const strange = provenanceBy(mallory, "urn:good");
const summary = aStatement(PREDICATE_TYPES.summaryV1, { attachment: digestOf("summary") });

function counted(require: string, ...attestations: readonly Attestation[]) {
  const policy = policyAsking(require);
  const evidence = evidenceOf({ attestations: attestations as readonly Verified<Attestation>[] });
  return countedEvidence(policy.rules, {
    policy,
    image: anImage(),
    namespace: "shop",
    evidence,
    keys: [],
    now: NOW,
  });
}

const bill = aStatement(PREDICATE_TYPES.spdx, { attachment: digestOf("bill") });
const strangeBill = aStatement(PREDICATE_TYPES.spdx, { attachment: digestOf("strange"), signer: mallory });

const BUILDERS = "builders: [urn:good]";

it.each<[string, string, readonly Attestation[], object]>([
  [
    "the signer whose builder is the right one, and not a stranger's or a summary",
    `{ provenance: { anyOf: [release, security], ${BUILDERS} }, promotable: { anyOf: [release], verifiers: [v] } }`,
    [good, wrong, strange, summary],
    { attachments: [good.attachment], provenance: [{ names: ["release"], isEachEnough: true }] },
  ],
  [
    "several who are only together enough",
    "{ provenance: { allOf: [release, security] } }",
    [good, wrong, strange],
    {
      attachments: [good.attachment, wrong.attachment].toSorted(),
      provenance: [{ names: ["release", "security"], isEachEnough: false }],
    },
  ],
  [
    "an SBOM by the signer that is named, and not a stranger's",
    "{ sbom: { anyOf: [release] } }",
    [bill, strangeBill],
    { attachments: [bill.attachment], provenance: [] },
  ],
  [
    "no one where all are strangers",
    "{ provenance: { anyOf: [release] } }",
    [strange],
    { attachments: [], provenance: [{ names: [], isEachEnough: false }] },
  ],
  [
    "nothing where only the reference is asked",
    "{ reference: { pinned: true } }",
    [good],
    { attachments: [], provenance: [] },
  ],
])("counts %s", (_, require, attestations, expected) => {
  expect(counted(require, ...attestations)).toEqual(expected);
});
