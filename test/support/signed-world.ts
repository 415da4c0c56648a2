import type { Digest } from "../../src/core/index.ts";
import { startOciRegistry, type OciRegistry } from "./oci-registry.ts";
import { publishLayer } from "./publish.ts";
import { type RunningGate, type RunningGateOptions, startGate } from "./running-gate.ts";
import { cosignSign, provenance, publicKeyOf, type Sign } from "./signed-layers.ts";
import { RELEASE_WORKFLOW } from "./sigstore-claims.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "./sigstore.ts";

/** A registry, signers, and a policy that trusts the release workflow and one key. */
export interface SignedWorld {
  readonly registry: OciRegistry;
  readonly sigstore: Sigstore;
  readonly release: Identity;
  readonly key: Identity;
  readonly policy: string;
  /** Publishes anything that a signer says about an image of acme/app; by the release workflow where nobody else is named. */
  readonly publish: (digest: Digest, what: { readonly bundle: Sign }, who?: Identity) => Promise<void>;
  /** Signs an image of acme/app in this registry; by the release workflow where nobody else is named. */
  readonly sign: (digest: Digest, who?: Identity) => Promise<void>;
  /** Attests the provenance of an image of acme/app. */
  readonly attest: (digest: Digest, who?: Identity) => Promise<void>;
  /** A gate with the policy above, and whatever else is given. */
  readonly start: (options?: Partial<RunningGateOptions>) => Promise<RunningGate>;
}

/** What the world's policy asks for. */
export interface WorldOptions {
  readonly provenance?: boolean;
  readonly images?: string;
}

/** Starts a registry and a Sigstore instance, and writes a policy for `<registry>/acme/*`. */
export async function signedWorld(options: WorldOptions = {}): Promise<SignedWorld> {
  const [registry, sigstore] = [await startOciRegistry(), await createSigstore()];
  const [release, key] = [await sigstore.identity(), keyPair()];
  const policy = policyText(registry.host, sigstore.trustedRoot, key, options);
  const publish: SignedWorld["publish"] = async (digest, what, who = release) => {
    publishLayer(registry, "acme/app", digest, await what.bundle(sigstore, who, digest));
  };
  return {
    registry,
    sigstore,
    release,
    key,
    policy,
    publish,
    sign: (digest, who) => publish(digest, cosignSign, who),
    attest: (digest, who) => publish(digest, provenance, who),
    start: (more = {}) => startGate({ registries: [registry], policy, ...more }),
  };
}

function policyText(host: string, trustedRoot: unknown, key: Identity, options: WorldOptions): string {
  const anyOf = ["release", "operations"];
  const issuer = "https://token.actions.githubusercontent.com";
  return JSON.stringify({
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(trustedRoot) } },
    authorities: {
      release: { keyless: { trustRoot: "test", issuer, identity: RELEASE_WORKFLOW } },
      operations: { key: { pem: publicKeyOf(key).pem } },
    },
    rules: [
      {
        name: "acme",
        images: [options.images ?? `${host}/acme/*`],
        require: { signature: { anyOf }, ...(options.provenance && { provenance: { anyOf } }) },
      },
    ],
  });
}
