import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { composeGate, type ComposedGate } from "../../../src/composition/compose.ts";
import { RegistrySettings } from "../../../src/registry/index.ts";
import { attachTampered, copyAttachments, imageAt, type Place } from "../support/attachments.ts";
import {
  attestImage,
  cosign,
  generateKeyPair,
  type KeyPair,
  signImage,
  type Signer,
  slsaProvenance,
} from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf } from "../support/identities.ts";
import { pushImage, textImage } from "../support/images.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const IDENTITY = { repository: "acme/app" };
const STRANGER = { repository: "mallory/app" };
const PLACES: readonly Place[] = [".sig", ".att", "referrers", "fallback"];
const SIGNERS = ["keyless", "key"] as const;
type Kind = (typeof SIGNERS)[number];

const FORMS = SIGNERS.flatMap((kind) => PLACES.map((place) => ({ kind, place })));

describe("the table of forms, made by the real cosign", () => {
  let sigstore: SigstoreServer;
  let keys: Record<"ours" | "theirs", KeyPair>;
  let registries: Record<"referrers" | "plain", RegistryServer>;
  let gate: ComposedGate;
  let count = 0;

  beforeAll(async () => {
    sigstore = await startSigstore();
    keys = { ours: await generateKeyPair(), theirs: await generateKeyPair() };
    registries = {
      referrers: await startRegistry({ referrers: true }),
      plain: await startRegistry({ referrers: false }),
    };
    const hosts = Object.values(registries).map(({ host }) => [
      host,
      { plainHttpUnsafe: true, allowLoopbackUnsafe: true },
    ]);
    gate = composeGate({
      registries: RegistrySettings.parse({ hosts: Object.fromEntries(hosts) }),
      publicGood: () => ({ text: "{}", since: new Date() }),
      now: () => new Date(),
    });
    const [problem] = [...gate.policy.offer(policyFor()), ...gate.revocations.offer("revocations: []")];
    if (problem !== undefined) throw new Error(problem.message);
  });
  afterAll(async () => {
    await gate?.close();
    const stops = [sigstore, ...Object.values(keys ?? {}), ...Object.values(registries ?? {})];
    await Promise.all(stops.map((each) => each?.stop()));
  });

  /** Each rule asks for one thing by one kind of signer, so that a verdict speaks of one form alone. */
  function policyFor(): string {
    const trustedRoot = readFileSync(sigstore.trustedRoot, "utf8");
    const pem = readFileSync(keys.ours.publicKey, "utf8");
    const keyless = { trustRoot: "test", issuer: GITHUB_ISSUER, identity: subjectOf(IDENTITY) };
    const rules = SIGNERS.flatMap((kind) =>
      (["signature", "provenance"] as const).map((gateName) => ({
        name: `${kind}-${gateName}`,
        images: Object.values(registries).map(({ host }) => `${host}/${kind}-${gateName}`),
        require: { [gateName]: { anyOf: [kind] } },
      })),
    );
    return JSON.stringify({
      trustRoots: { test: { source: "inline", trustedRoot } },
      authorities: { keyless: { keyless }, key: { key: { pem, transparencyLogNotRequiredUnsafe: true } } },
      rules,
    });
  }

  function signer(kind: Kind, ours = true): Signer {
    if (kind === "key") return { kind, keys: ours ? keys.ours : keys.theirs };
    return { kind, sigstore, identity: ours ? IDENTITY : STRANGER };
  }

  /** A fresh image in the repository whose rule asks for what lies at this place. */
  async function push({ kind, place }: { readonly kind: Kind; readonly place: Place }): Promise<string> {
    const registry = place === "fallback" ? registries.plain : registries.referrers;
    const gateName = place === ".att" ? "provenance" : "signature";
    count += 1;
    const { name } = await pushImage(registry.host, `${kind}-${gateName}`, textImage(`image ${count}`));
    return `${registry.host}/${name}`;
  }

  async function make(form: { readonly kind: Kind; readonly place: Place }, ours = true): Promise<string> {
    const image = await push(form);
    const who = signer(form.kind, ours);
    if (form.place === ".att")
      await attestImage(image, who, "legacy", slsaProvenance(ours ? IDENTITY : STRANGER));
    else await signImage(image, who, form.place === ".sig" ? "legacy" : "bundle");
    return image;
  }

  async function codesFor(image: string): Promise<string[]> {
    const signal = AbortSignal.timeout(30_000);
    const subjects = [{ image, place: "test" }];
    const verdict = await gate.gate.admit({
      namespace: "n",
      mode: () => "enforce",
      subjects,
      access: {},
      signal,
    });
    return verdict.objections.map(({ code }) => code);
  }

  describe.each(FORMS)("$kind at $place", (form) => {
    const gateName = form.place === ".att" ? "provenance" : "signature";

    it("right: admitted", async () => {
      expect(await codesFor(await make(form))).toEqual([]);
    });

    it("by another identity or key: refused", async () => {
      const wrong = form.place === ".att" ? "provenance/untrusted-builder" : "signature/untrusted-identity";
      // A key that nobody named verifies nothing, so such a signature is invalid rather than somebody's.
      const unknown = form.place === ".att" ? "provenance/missing" : "signature/invalid";
      expect(await codesFor(await make(form, false))).toEqual([form.kind === "key" ? unknown : wrong]);
    });

    it("about another image: refused", async () => {
      const [from, to] = [await make(form), await push(form)];
      await copyAttachments(imageAt(from), imageAt(to), form.place);
      const [code] = await codesFor(to);
      expect(code).toMatch(new RegExp(`^${gateName}/(?:invalid|missing)$`));
    });

    it("tampered with: refused", async () => {
      const [from, to] = [await make(form), await push(form)];
      await attachTampered(imageAt(from), imageAt(to), form.place, (layer) => ({
        bytes: retarget(layer.bytes, imageAt(from).digest, imageAt(to).digest),
        annotations: layer.annotations,
      }));
      const [code] = await codesFor(to);
      expect(code).toMatch(new RegExp(`^${gateName}/(?:invalid|missing)$`));
    });
  });

  describe("two weaknesses of cosign itself", () => {
    it("an image with nothing but an attestation is verified for cosign, and unsigned for us", async () => {
      const image = await push({ kind: "keyless", place: "referrers" });
      await attestImage(image, signer("keyless"), "bundle", {
        type: "custom",
        predicate: { hello: "world" },
      });
      expect((await cosignVerify(image, sigstore)).code).toBe(0);
      expect(await codesFor(image)).toEqual(["signature/missing"]);
    });

    it("a foreign bundle hides a good legacy signature from cosign, and not from us", async () => {
      const image = await make({ kind: "keyless", place: ".sig" });
      await attestImage(image, signer("keyless", false), "bundle", { type: "custom", predicate: {} });
      expect((await cosignVerify(image, sigstore)).code).not.toBe(0);
      expect(await codesFor(image)).toEqual([]);
    });
  });
});

/** What was signed, made to speak of another digest: in the clear, and inside base64 payloads. */
function retarget(bytes: Buffer, from: string, to: string): Buffer {
  const replaced = bytes.toString("utf8").replaceAll(from.slice(7), to.slice(7));
  const inside = replaced.replaceAll(/"payload":"([A-Za-z0-9+/=]+)"/g, (_, payload: string) => {
    const text = Buffer.from(payload, "base64").toString("utf8").replaceAll(from.slice(7), to.slice(7));
    return `"payload":"${Buffer.from(text).toString("base64")}"`;
  });
  return Buffer.from(inside);
}

function cosignVerify(image: string, { trustedRoot }: SigstoreServer) {
  const identity = [
    "--certificate-identity",
    subjectOf(IDENTITY),
    "--certificate-oidc-issuer",
    GITHUB_ISSUER,
  ];
  const registry = ["--allow-http-registry", "--allow-insecure-registry"];
  return cosign(["verify", ...identity, "--trusted-root", trustedRoot, ...registry, image]);
}
