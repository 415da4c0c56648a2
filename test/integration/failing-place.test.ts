import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { type AttestedWorld, attestedWorld } from "../support/attested-world.ts";

const PLACES = [
  ["referrers API", "/referrers/"],
  ["fallback tag", /\/manifests\/sha256-[0-9a-f]{64}$/],
  [".sig tag", /\.sig$/],
  [".att tag", /\.att$/],
] as const;
const STATUSES = [
  [401, "registry/forbidden"],
  [403, "registry/forbidden"],
  [412, "registry/invalid"],
  [429, "registry/rate-limited"],
  [500, "registry/unavailable"],
] as const;

let world: AttestedWorld;
beforeAll(async () => {
  world = await attestedWorld();
});
afterEach(() => world.registry.clearFaults());
afterAll(() => world.close());

describe("a place that answers with an error", () => {
  const besides = PLACES.slice(1).flatMap(([place, path]) =>
    STATUSES.map(([status, code]) => ({ place, path, status, code })),
  );

  it.each(besides)("$place, HTTP $status: a signature elsewhere admits", async ({ path, status }) => {
    const digest = world.image();
    await world.sign(digest);
    world.registry.fault({ path }, { kind: "status", status, headers: { "retry-after": "60" } });
    expect((await world.judged("signature", digest)).codes).toEqual([]);
  });

  it.each(besides)(
    "$place, HTTP $status: a clean scan elsewhere does not",
    async ({ place, path, status, code }) => {
      const digest = world.image();
      await world.attachScan(digest, 1, "clean");
      world.registry.fault({ path }, { kind: "status", status, headers: { "retry-after": "60" } });
      const { codes, text } = await world.judged("scan", digest);
      expect(codes).toEqual([code]);
      expect(text).toContain(`the ${place} was not read`);
      expect(text).toContain(`HTTP ${status}`);
    },
  );

  it.each(PLACES)("%s, HTTP 403, and nothing elsewhere: not known, and not unsigned", async (place, path) => {
    world.registry.fault({ path }, { kind: "status", status: 403 });
    const { codes, text } = await world.judged("signature", world.image());
    expect(codes).toEqual(["registry/forbidden"]);
    expect(text).toContain(place);
  });
});

describe("a referrer that is listed, and not there yet", () => {
  beforeEach(() => {
    world.registry.fault("/manifests/sha256:", { kind: "status", status: 404 });
  });

  it("is not known yet where its kind is asked for", async () => {
    const digest = world.image();
    await world.sign(digest);
    const { codes, text } = await world.judged("signature", digest);
    expect([codes, text]).toEqual([["registry/incomplete"], expect.stringContaining("HTTP 404")]);
  });

  it("is nothing to a rule that asks for another kind", async () => {
    const digest = world.image();
    await world.attachScan(digest, 1, "clean");
    expect((await world.judged("signature", digest)).codes).toEqual(["signature/missing"]);
  });
});

it("a broken signature as cosign 3 attaches it is told as invalid, not as missing", async () => {
  const digest = world.image();
  world.attach(digest, "{}", "https://sigstore.dev/cosign/sign/v1");
  expect((await world.judged("signature", digest)).codes).toEqual(["signature/invalid"]);
});
