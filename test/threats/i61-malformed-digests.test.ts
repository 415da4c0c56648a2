import { describe, expect, it } from "vitest";

import { parseDigest } from "../../src/core/index.ts";
import { BUNDLE, closeAfterEach, EVERYTHING, openPair, REPO, soon, texts } from "../support/oci-client.ts";

closeAfterEach();

const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const MALFORMED: readonly unknown[] = [
  "",
  ":",
  "sha256",
  "sha256:",
  "sha256:../../x",
  `sha256:${"A".repeat(64)}`,
  `sha256:${"a".repeat(63)}`,
  `sha256:${"a".repeat(65)}`,
  `md5:${"a".repeat(32)}`,
  `sha256:${"a".repeat(64)}\n`,
  "a".repeat(100_000),
  7,
  null,
  {},
  ["sha256"],
];

describe("I61: a digest that is none", () => {
  it.each(MALFORMED.filter((each) => typeof each === "string").map((each) => [each.slice(0, 80), each]))(
    "does not parse: %j",
    (_, text) => {
      expect(parseDigest(text)).toBeUndefined();
    },
  );

  it.each(MALFORMED.map((each) => [JSON.stringify(each).slice(0, 60), each]))(
    "in the list of referrers hides none beside it, and asks for nothing: %s",
    async (_, digest) => {
      const { registry, client, image, subject } = await openPair();
      registry.attachReferrer(REPO, subject, { mediaType: BUNDLE, bytes: "good", via: "tag" });
      const manifests = [{ mediaType: MANIFEST, digest, size: 10, artifactType: BUNDLE }];
      registry.fault("/referrers/", {
        kind: "bytes",
        bytes: JSON.stringify({ schemaVersion: 2, manifests }),
      });
      const { found, skipped } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(texts(found)).toEqual([["bundle", "good"]]);
      expect(skipped.length).toBeGreaterThan(0);
    },
  );

  it.each(MALFORMED.map((each) => [JSON.stringify(each).slice(0, 60), each]))(
    "of a layer hides none beside it: %s",
    async (_, digest) => {
      const { registry, client, image, subject } = await openPair();
      const good = registry.pushBlob(REPO, "good");
      const layers = [
        { mediaType: BUNDLE, digest, size: 4 },
        { mediaType: BUNDLE, digest: good, size: 4 },
      ];
      const manifest = { schemaVersion: 2, config: { mediaType: "x/y" }, layers };
      registry.pushManifest(REPO, manifest, { tag: `${subject.replace(":", "-")}.att` });
      const { found } = await client.attachments(image(subject), {}, EVERYTHING, soon());
      expect(texts(found)).toEqual([["bundle", "good"]]);
    },
  );
});
