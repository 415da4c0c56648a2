import { describe, expect, it } from "vitest";

import { importPolicy } from "./import-policy.ts";
import { nobodysKey } from "./unusable-key.ts";

function attestor(name: string): unknown {
  return { name, cosign: { key: { data: nobodysKey() } } };
}

/** The lines of the imported rule's requirements, for one validation. */
function asked(expression: string): readonly string[] {
  const several = [1, 2].map((nth) => ({ issuer: "https://a.test", subject: `b${nth}` }));
  const policy = {
    apiVersion: "policies.kyverno.io/v1",
    kind: "ImageValidatingPolicy",
    metadata: { name: "p" },
    spec: {
      matchImageReferences: [{ glob: "ghcr.io/acme/*" }],
      attestors: [
        attestor("a"),
        attestor("b"),
        { name: "many", cosign: { keyless: { identities: several } } },
      ],
      attestations: [
        { name: "slsa", intoto: { type: "https://slsa.dev/provenance/v1" } },
        { name: "ref", referrer: { type: "x" } },
      ],
      validationConfigurations: { verifyDigest: false },
      validations: [{ expression }],
    },
  };
  const result = importPolicy(JSON.stringify(policy), { trustRoots: new Map(), acceptLoss: false });
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const rules = result.value.policy.slice(result.value.policy.indexOf("rules:"));
  return [...rules.matchAll(/(?:anyOf|allOf|least|of|predicateType): .*/g)].map(([line]) => line);
}

const BOTH = "verifyImageSignatures(image, [attestors.a, attestors.b])";

describe("a validation of an ImageValidatingPolicy", () => {
  it.each([
    [`images.containers.map(image, ${BOTH}).all(e, e > 0)`, ["anyOf: [p-a, p-b]"]],
    [`images.containers.map(image, ${BOTH}).all(e, e >= 1)`, ["anyOf: [p-a, p-b]"]],
    [`images.containers.map(image, ${BOTH}).all(e, e == 2)`, ["allOf: [p-a, p-b]"]],
    [`images.initContainers.map(image, ${BOTH} > 1).all(ok, ok)`, ["allOf: [p-a, p-b]"]],
    [`images.containers.all(image, ${BOTH} > 0)`, ["anyOf: [p-a, p-b]"]],
    [
      "images.containers.map(i, verifyImageSignatures(i, [attestors.many])).all(e, e > 0)",
      ["anyOf: [p-many, p-many-2]"],
    ],
    [
      "images.containers.map(i, verifyAttestationSignatures(i, attestations.slsa, [attestors.a])).all(e, e > 0)",
      ["predicateType: https://slsa.dev/provenance/v1", "anyOf: [p-a]"],
    ],
    [
      `images.containers.map(image, ${BOTH}).all(e, e > 0) && images.containers.map(i, verifyImageSignatures(i, [attestors.a])).all(e, e > 0)`,
      ["anyOf: [p-a, p-b]", "anyOf: [p-a]"],
    ],
  ])("is understood: %s", (expression, lines) => {
    expect(asked(expression)).toEqual(lines);
  });

  it.each([
    `images.containers.map(other, ${BOTH}).all(e, e > 0)`,
    `images.containers.map(image, ${BOTH}).all(e, f > 0)`,
    `images.containers.map(image, ${BOTH}).exists(e, e > 0)`,
    `images.containers.map(image, ${BOTH}).all(e, e >= 0)`,
    `images.containers.map(image, ${BOTH}).all(e, e == 1)`,
    `images.containers.map(image, ${BOTH}).all(e, e > 2)`,
    `images.containers.map(image, ${BOTH}).all(e, e > 0) || true`,
    `!images.containers.map(image, ${BOTH}).all(e, e > 0)`,
    "images.containers.map(i, verifyImageSignatures(i, [attestors.stranger])).all(e, e > 0)",
    "images.containers.map(i, verifyImageSignatures(i, [attestors.a, attestors.many])).all(e, e > 1)",
    "images.containers.map(i, verifyImageSignatures(i, attestations.slsa, [attestors.a])).all(e, e > 0)",
    "images.containers.map(i, verifyAttestationSignatures(i, [attestors.a])).all(e, e > 0)",
    "images.containers.map(i, verifyAttestationSignatures(i, attestations.ref, [attestors.a])).all(e, e > 0)",
    "images.containers.map(i, extractPayload(i, attestations.slsa).a == 'b').all(e, e)",
    "true",
    "",
  ])("refuses everything where it is not understood: %s", (expression) => {
    expect(asked(expression)).toEqual(["anyOf: [not-imported]"]);
  });
});
