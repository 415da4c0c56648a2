import { afterEach, beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { publishLayer } from "../support/publish.ts";
import { aPod, aReview } from "../support/review.ts";
import { type RunningGate, startGate } from "../support/running-gate.ts";
import { attestation, cosignSign, type FormedLayer, publicKeyOf } from "../support/signed-layers.ts";
import { createSigstore, keyPair } from "../support/sigstore.ts";

const [sigstore, key, stranger] = [await createSigstore(), keyPair(), keyPair()];
const BARE = { rekor: "none", timestamps: 0 } as const;
const REVIEW = "https://acme.test/review/v1";

type Sign = (subject: Digest) => Promise<FormedLayer>;
const legacy: Sign = (subject) => cosignSign.legacy(sigstore, key, subject, BARE);
const bundle: Sign = (subject) => cosignSign.bundle(sigstore, key, subject, BARE);
const byStranger: Sign = (subject) => cosignSign.legacy(sigstore, stranger, subject, BARE);

function reviewOf(form: "legacy" | "bundle", ok: boolean): Sign {
  return (subject) => attestation(REVIEW, { ok })[form](sigstore, key, subject, BARE);
}

describe("a repository whose images had their evidence in one place so far", () => {
  let registry: OciRegistry;
  let gate: RunningGate;

  beforeEach(async () => {
    registry = await startOciRegistry();
  });
  afterEach(async () => {
    await gate.stop();
    await registry.close();
  });

  async function start(require: object): Promise<void> {
    const policy = {
      authorities: { team: { key: { pem: publicKeyOf(key).pem, transparencyLogNotRequiredUnsafe: true } } },
      rules: [{ name: "app", images: [`${registry.host}/acme/app`], require }],
    };
    gate = await startGate({ registries: [registry], policy: JSON.stringify(policy) });
  }

  /** What is said about a fresh image with these attachments, and how many requests that took. */
  async function ask(...signs: readonly Sign[]) {
    const digest = registry.pushImage("acme/app");
    for (const sign of signs) publishLayer(registry, "acme/app", digest, await sign(digest));
    const before = registry.requests.length;
    const object = aPod(`${registry.host}/acme/app@${digest}`);
    const { allowed, status } = (await gate.post("/validate/enforce", aReview({ object }))).body.response!;
    return { allowed, said: status?.message ?? "", requests: registry.requests.length - before };
  }

  it("has the next one admitted after two requests", async () => {
    await start({ signature: { anyOf: ["team"] } });
    expect(await ask(legacy)).toMatchObject({ allowed: true, requests: 5 });
    expect(await ask(legacy)).toMatchObject({ allowed: true, requests: 2 });
    expect(await ask(legacy, bundle)).toMatchObject({ allowed: true, requests: 2 });
  });

  it("has the next one admitted by a signature somewhere else, also beside a stranger's in the usual place", async () => {
    await start({ signature: { anyOf: ["team"] } });
    await ask(legacy);
    expect(await ask(byStranger, bundle)).toMatchObject({ allowed: true });
    await gate.stop();
    await start({ signature: { anyOf: ["team"] } });
    await ask(bundle);
    expect(await ask(legacy)).toMatchObject({ allowed: true });
  });

  it("has an unsigned one, or one that a stranger signed, refused only after all places were asked", async () => {
    await start({ signature: { anyOf: ["team"] } });
    await ask(legacy);
    const unsigned = await ask();
    expect(unsigned).toMatchObject({ allowed: false });
    expect(unsigned.said).toContain("it has no signature by ");
    const foreign = await ask(byStranger);
    expect(foreign).toMatchObject({ allowed: false });
    expect(foreign.requests).toBeGreaterThanOrEqual(2 + 4);
  });

  it("has no fault in a place that was left out, and one as soon as that place matters", async () => {
    await start({ signature: { anyOf: ["team"] } });
    await ask(legacy);
    registry.fault("/referrers/", { kind: "status", status: 403 });
    expect(await ask(legacy)).toMatchObject({ allowed: true });
    expect((await ask(byStranger)).said).toContain("registry/forbidden");
  });

  it("hides nothing that speaks against an image, wherever it is", async () => {
    const check = { predicateType: REVIEW, anyOf: ["team"], expression: "predicate.ok", message: "no" };
    await start({ signature: { anyOf: ["team"] }, cel: [check] });
    expect(await ask(legacy, reviewOf("legacy", true))).toMatchObject({ allowed: true });
    expect(await ask(legacy, reviewOf("legacy", true))).toMatchObject({ allowed: true });
    const refused = await ask(legacy, reviewOf("legacy", true), reviewOf("bundle", false));
    expect(refused).toMatchObject({ allowed: false });
    expect(refused.said).toContain("cel/refused");
  });
});
