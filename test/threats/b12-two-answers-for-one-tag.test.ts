import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import { closeAfterEach, codeOf, openPair, REPO, soon } from "../support/oci-client.ts";

closeAfterEach();

describe("B12 two answers for one tag", () => {
  it("takes the digest from the manifest's bytes, of which there is one read", async () => {
    const { registry, client, subject } = await openPair();
    const other = registry.pushImage(REPO);
    registry.fault(
      { path: "/manifests/v1", method: "HEAD" },
      {
        kind: "headers",
        headers: { "docker-content-digest": other },
      },
    );
    const ref = { registry: registry.host, repository: REPO, tag: "v1" };
    expect(await client.resolve(ref, {}, soon())).toBe(subject);
    expect(registry.requests.map(({ method }) => method)).toEqual(["GET"]);
  });

  it("refuses a registry that states the digest of another manifest than it sends", async () => {
    const { registry, client } = await openPair();
    const headers = { "docker-content-digest": digestOf("another manifest") };
    registry.fault("/manifests/v1", { kind: "headers", headers });
    const ref = { registry: registry.host, repository: REPO, tag: "v1" };
    expect(await codeOf(client.resolve(ref, {}, soon()))).toBe("registry/invalid");
  });
});
