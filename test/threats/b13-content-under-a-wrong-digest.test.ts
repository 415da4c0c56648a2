import { describe, expect, it } from "vitest";

import {
  BUNDLE,
  closeAfterEach,
  codeOf,
  unreadCodeOf,
  EVERYTHING,
  openPair,
  type Pair,
  REPO,
  SIGNING,
  soon,
} from "../support/oci-client.ts";

closeAfterEach();

async function openSigned(): Promise<Pair> {
  const pair = await openPair();
  pair.registry.attachReferrer(REPO, pair.subject, { mediaType: BUNDLE, bytes: "bundle" });
  pair.registry.attachTag(REPO, pair.subject, ".sig", [{ mediaType: SIGNING, bytes: "payload" }]);
  return pair;
}

describe("B13 content under a wrong digest", () => {
  it.each([
    ["a blob", "/blobs/", "bumble"],
    ["a blob of another length", "/blobs/", "<html>an error page of some proxy</html>"],
    [
      "a referrer's manifest",
      "/manifests/sha256:",
      '{"schemaVersion":2,"config":{"mediaType":"x"},"layers":[]}',
    ],
  ])("%s that is another one is a fault, and not an image without signatures", async (_name, path, bytes) => {
    const { registry, client, image, subject } = await openSigned();
    registry.fault(path, { kind: "bytes", bytes });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
  });

  it("an index that is another one has no children", async () => {
    const { registry, client, image, subject } = await openSigned();
    const index = registry.pushIndex(REPO, { manifests: [subject] });
    registry.fault("/manifests/sha256:", { kind: "bytes", bytes: '{"schemaVersion":2,"manifests":[]}' });
    expect(await codeOf(client.children(image(index), {}, soon()))).toBe("registry/invalid");
  });

  it("a legacy tag whose manifest is another one than its header says is a fault", async () => {
    const { registry, client, image, subject } = await openSigned();
    registry.fault(/\.sig$/, { kind: "headers", headers: { "docker-content-digest": subject } });
    expect(await unreadCodeOf(client.attachments(image(subject), {}, EVERYTHING, soon()))).toBe(
      "registry/invalid",
    );
  });
});
