import { afterAll, describe, expect, it } from "vitest";

import { publishLayer } from "../support/publish.ts";
import { aPod, aReview } from "../support/review.ts";
import { cosignSign } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";

const { registry, sigstore, release, sign, start } = await signedWorld();
afterAll(() => registry.close());

describe("B17: an index and its platform images", () => {
  it("a signed index vouches for itself; a child needs a signature of its own, as the runtime runs it", async () => {
    const child = registry.pushImage("acme/app");
    const index = registry.pushIndex("acme/app", { manifests: [child] });
    await sign(index);
    const gate = await start();
    const decide = async (digest: string) => {
      const object = aPod(`${registry.host}/acme/app@${digest}`);
      return (await gate.post("/validate/enforce", aReview({ object }))).body.response!;
    };
    expect((await decide(index)).allowed).toBe(true);
    expect(await decide(child)).toMatchObject({
      allowed: false,
      status: { message: expect.stringContaining("signature/missing") },
    });
    publishLayer(registry, "acme/app", child, await cosignSign.bundle(sigstore, release, index));
    await gate.stop();
    const between = await start();
    const review = aReview({ object: aPod(`${registry.host}/acme/app@${child}`) });
    expect((await between.post("/validate/enforce", review)).body.response!.allowed).toBe(false);
    await between.stop();
    await sign(child);
    const again = await start();
    const object = aPod(`${registry.host}/acme/app@${child}`);
    expect((await again.post("/validate/enforce", aReview({ object }))).body.response!.allowed).toBe(true);
    await again.stop();
  });
});

describe("B17: an index that leads to a revoked image", () => {
  const child = registry.pushImage("acme/app");
  const clean = registry.pushIndex("acme/app", { manifests: [registry.pushImage("acme/app")] });
  const direct = registry.pushIndex("acme/app", { manifests: [child] });
  const nested = registry.pushIndex("acme/app", { manifests: [direct] });
  const listing = (mediaType: string, digest: string) =>
    registry.pushManifest("acme/app", { schemaVersion: 2, manifests: [{ mediaType, digest, size: 1 }] });
  const asManifest = listing("application/vnd.oci.image.manifest.v1+json", direct);
  const asOther = listing("application/vnd.oci.image.index.v1+json; charset=utf-8", direct);
  const entry = {
    id: "R-1",
    digest: child,
    reason: "It ships live credentials.",
    created: "2026-11-24T00:00:00Z",
  };
  const decideWith = async (digest: string): Promise<string | undefined> => {
    const gate = await start({ revocations: JSON.stringify({ revocations: [entry] }) });
    const object = aPod(`${registry.host}/acme/app@${digest}`);
    const { response } = (await gate.post("/validate/enforce", aReview({ object }))).body;
    await gate.stop();
    return response!.allowed ? undefined : response!.status?.message;
  };

  it.each([
    ["lists it", direct],
    ["lists an index that lists it", nested],
    ["lists that index as a manifest", asManifest],
    ["lists that index under a type that only some programs know", asOther],
  ])("is refused where it %s, though the index is signed", async (_, index) => {
    await sign(index);
    expect(await decideWith(index)).toContain(`revocation R-1 voids ${child}, which this index lists`);
  });

  it("passes where it lists others", async () => {
    await sign(clean);
    expect(await decideWith(clean)).toBeUndefined();
  });
});
