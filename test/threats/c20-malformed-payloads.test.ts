import { describe, expect, it } from "vitest";

import { verifyAttachments } from "../../src/verify/index.ts";
import { type FormedLayer, slsaPredicate, world } from "../support/signed-layers.ts";
import { statementSubject } from "../support/sigstore.ts";

const { sigstore, subject, now, release, material, attachmentsOf } = await world();
const SLSA = "https://slsa.dev/provenance/v1";
const good = {
  _type: "https://in-toto.io/Statement/v1",
  subject: statementSubject(subject),
  predicateType: SLSA,
  predicate: slsaPredicate(),
};

async function evidenceFor(statement: unknown, how = {}) {
  const bytes = Buffer.from(JSON.stringify(await sigstore.bundle(release, statement, how)));
  const mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json";
  const layer: FormedLayer = { form: "bundle", mediaType, bytes, annotations: {} };
  return verifyAttachments(attachmentsOf([layer]), material(), now);
}

describe("C20: malformed payloads and wrong predicate types, rightly signed", () => {
  it("takes the well-formed one", async () => {
    expect((await evidenceFor(good)).attestations).toHaveLength(1);
  });

  it.each([
    ["not JSON", "hello"],
    ["a list", "[]"],
    ["no statement type", { ...good, _type: undefined }],
    ["another statement type", { ...good, _type: "https://in-toto.io/Statement/v2" }],
    ["no predicate type", { ...good, predicateType: undefined }],
    ["a predicate type that is no text", { ...good, predicateType: [SLSA] }],
    ["no subject", { ...good, subject: [] }],
    ["a subject without digest", { ...good, subject: [{ name: "x" }] }],
    ["a subject that is no list", { ...good, subject: { digest: {} } }],
  ])("rejects %s", async (_, statement) => {
    const evidence = await evidenceFor(statement);
    expect([...evidence.attestations, ...evidence.signatures]).toEqual([]);
    expect(evidence.rejections).toHaveLength(1);
  });

  it("rejects another payload type, even over the right bytes", async () => {
    const evidence = await evidenceFor(good, { payloadType: "text/plain" });
    expect(evidence.rejections).toMatchObject([{ reason: "unsupported" }]);
  });

  it.each([
    ["no builder", { runDetails: {} }],
    ["a predicate that is no object", 7],
    ["a builder that is no text", { runDetails: { builder: { id: { x: 1 } } } }],
  ])("takes provenance with %s for none", async (_, predicate) => {
    const { attestations } = await evidenceFor({ ...good, predicate });
    expect(attestations.map(({ provenance }) => provenance)).toEqual([undefined]);
  });
});
