import { isDeepStrictEqual } from "node:util";

import * as fc from "fast-check";

import { type Attachment, type Digest, digestOf } from "../../../src/core/index.ts";
import { prepare } from "../../../src/verify/sigstore/material.ts";
import { type Outcome, verifyAttachment } from "../../../src/verify/verify-attachment.ts";
import { attestation, cosignSign, type FormedLayer, provenance, world } from "../../support/signed-layers.ts";
import { editedTexts } from "../generate/edited-texts.ts";
import { mutatedValues } from "../generate/mutated-values.ts";
import { parsedOr, retied } from "../nested-json.ts";
import { type AnyTarget, hold, target } from "../target.ts";

const TOKENS = [
  '"',
  "{",
  "}",
  "=",
  "A",
  "AA==",
  "-----BEGIN CERTIFICATE-----\n",
  "\n",
  ":",
  ",",
  "\\",
  "0",
  "null",
];

interface Given {
  readonly which: number;
  readonly attachment: Attachment;
}

/**
 * Signed layers of all forms, changed: none of them is about another image, and one that is still accepted says exactly
 * what was signed. Keys are made anew for each run; everything else repeats with the seed.
 */
export async function open(): Promise<AnyTarget> {
  const { subject, other, material, key, layers } = await signedLayers();
  const ready = prepare(material(key));
  const truth = layers.map((layer) => saidBy(verifyAttachment(attachmentOf(layer), about(subject), ready)));
  hold(!truth.includes(undefined), "a good layer is refused");
  return target<Given, { readonly here: Outcome; readonly elsewhere: Outcome }>({
    inputs: fc.oneof(
      ...layers.map((layer, which) => changed(layer).map((attachment) => ({ which, attachment }))),
    ),
    call: ({ attachment }) => ({
      here: verifyAttachment(attachment, about(subject), ready),
      elsewhere: verifyAttachment(attachment, about(other), ready),
    }),
    check: ({ here, elsewhere }, { which }) => {
      hold(elsewhere.kind === "rejection", "it counts for another image");
      const said = saidBy(here);
      hold(
        said === undefined || isDeepStrictEqual(said, truth[which]),
        "it is accepted, and says something else",
      );
    },
  });
}

function about(subject: Digest) {
  return { subject, predicateTexts: ["https://slsa.dev/provenance/v1"] };
}

async function signedLayers() {
  const made = await world();
  const { sigstore, subject, release, key } = made;
  const scan = attestation("https://acme.example/scan/v1", { scanner: "acme", clean: true });
  const layers = await Promise.all([
    cosignSign.bundle(sigstore, release, subject),
    cosignSign.bundle(sigstore, release, subject, { rekor: "v2" }),
    cosignSign.bundle(sigstore, key, subject),
    cosignSign.legacy(sigstore, release, subject),
    cosignSign.legacy(sigstore, key, subject, { rekor: "none" }),
    provenance.bundle(sigstore, release, subject, { timestamps: 1 }),
    provenance.legacy(sigstore, release, subject),
    scan.bundle(sigstore, key, subject, { chain: true }),
  ]);
  return { ...made, layers };
}

function attachmentOf(layer: FormedLayer): Attachment {
  return { ...layer, digest: digestOf(layer.bytes) };
}

/** A layer with its JSON, its annotations, or the bytes of either changed. */
function changed(layer: FormedLayer): fc.Arbitrary<Attachment> {
  const { annotations, bytes } = layer;
  const whole = mutatedValues(
    [{ body: parsedOr(bytes.toString()), annotations: parsedOr(annotations) }],
    3,
  ).map((value) => {
    const { body, annotations: notes } = (value ?? {}) as Readonly<Record<string, unknown>>;
    return { ...layer, bytes: Buffer.from(String(retied(body))), annotations: textsOf(retied(notes)) };
  });
  const edited = editedTexts(fc.constant(bytes.toString("latin1")), TOKENS, 64 * 1024).map((text) => {
    return { ...layer, bytes: Buffer.from(text, "latin1") };
  });
  return fc.oneof({ weight: 3, arbitrary: whole }, { weight: 1, arbitrary: edited }).map(attachmentOf);
}

/** Annotations are texts: the registry client leaves others out. */
function textsOf(value: unknown): Record<string, string> {
  const found = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(found.filter((pair): pair is [string, string] => typeof pair[1] === "string"));
}

/** What counts of an outcome: who signed, and what. When it was may differ, since proofs of the time may be left out. */
function saidBy(outcome: Outcome): unknown {
  if (outcome.kind === "rejection") return undefined;
  if (outcome.kind === "signature")
    return outcome.signatures.map(({ signer, dockerReference }) => ({ signer, dockerReference }));
  return outcome.attestations.map(({ signer, predicateType, provenance: build, predicateText }) => {
    return { signer, predicateType, build, predicateText };
  });
}
