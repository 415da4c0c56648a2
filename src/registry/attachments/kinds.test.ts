import { expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import type { Descriptor } from "../descriptors.ts";
import { formOfLayer, rankOfReferrer } from "./kinds.ts";

function listed(artifactType?: string): Descriptor {
  const known = { mediaType: "application/vnd.oci.image.manifest.v1+json", digest: digestOf(""), size: 1 };
  return {
    ...known,
    annotations: {},
    platform: undefined,
    ...(artifactType !== undefined && { artifactType }),
  };
}

it.each([
  ["application/vnd.dev.sigstore.bundle.v0.3+json", "bundle"],
  ["application/vnd.dev.sigstore.bundle+json;version=0.1", "bundle"],
  ["application/vnd.dev.cosign.simplesigning.v1+json", "cosign-sig"],
  ["application/vnd.dsse.envelope.v1+json", "cosign-att"],
  ["application/vnd.in-toto+json", undefined],
  ["application/spdx+json", undefined],
  ["", undefined],
])("a layer %s is %s", (mediaType, form) => {
  expect(formOfLayer(mediaType)).toBe(form);
});

it.each([
  ["application/vnd.dev.sigstore.bundle.v0.3+json", 0],
  ["application/vnd.dev.cosign.artifact.sig.v1+json", 0],
  ["application/vnd.oci.empty.v1+json", 1],
  [undefined, 1],
  ["", 1],
  ["application/sarif+json", 2],
])("a referrer listed as %s has rank %i", (artifactType, rank) => {
  expect(rankOfReferrer(listed(artifactType))).toBe(rank);
});
