import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { Digest } from "../../../src/core/index.ts";
import { CLUSTER_IMAGE_POLICY_CASES, type ImportCase } from "../../support/import-cases.ts";
import { KYVERNO_CASES } from "../../support/import-kyverno-cases.ts";
import {
  type ForeignPolicies,
  foreignPolicies,
  type ImageName,
  repositoryOf,
} from "../../support/import-world.ts";
import { slsaPredicate } from "../../support/signed-layers.ts";
import { attestImage, generateKeyPair, type KeyPair, signImage, type Signer } from "../support/cosign.ts";
import type { WorkflowIdentity } from "../support/identities.ts";
import { pushImage, textImage } from "../support/images.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const RELEASE: WorkflowIdentity = { repository: "acme/app" };
const FORK: WorkflowIdentity = { repository: "mallory/app" };
const SLSA = "https://slsa.dev/provenance/v1";

/** The images of the tables that the real cosign makes here, and who signs and attests each. */
const MADE: Readonly<
  Partial<
    Record<ImageName, { readonly signs?: WorkflowIdentity | "key"; readonly attests?: WorkflowIdentity }>
  >
> = {
  unsigned: {},
  base: {},
  legacy: {},
  release: { signs: RELEASE },
  tagged: { signs: { ...RELEASE, ref: "refs/tags/v1.2.3" } },
  fork: { signs: FORK },
  keyUnlogged: { signs: "key" },
  provenance: { attests: RELEASE },
  releaseAndProvenance: { signs: RELEASE, attests: RELEASE },
  deep: { signs: RELEASE },
  elsewhere: { signs: RELEASE },
};
const NAMES = Object.keys(MADE) as ImageName[];
/** It asks for an instance of a company's own, of which there is none here. */
const ELSEWHERE = ["own-trust-root"];

const CASES = [...CLUSTER_IMAGE_POLICY_CASES, ...KYVERNO_CASES].filter(
  ({ file }) => !ELSEWHERE.includes(file),
);

function known(verdicts: ImportCase["verdicts"]): Record<string, string> {
  return Object.fromEntries(Object.entries(verdicts).filter(([name]) => NAMES.includes(name as ImageName)));
}

function pem({ publicKey }: KeyPair): string {
  return readFileSync(publicKey, "utf8");
}

describe("imported policies, on images that the real cosign signed", () => {
  let sigstore: SigstoreServer;
  let keys: Record<"ours" | "theirs", KeyPair>;
  let registry: RegistryServer;
  let world: ForeignPolicies;

  beforeAll(async () => {
    [sigstore, registry] = await Promise.all([startSigstore(), startRegistry({ referrers: true })]);
    keys = { ours: await generateKeyPair(), theirs: await generateKeyPair() };
    const digests: Partial<Record<ImageName, Digest>> = {};
    for (const name of NAMES) digests[name] = await make(name);
    const trustedRoot = readFileSync(sigstore.trustedRoot, "utf8");
    world = foreignPolicies({
      host: registry.host,
      digests,
      trustRoots: new Map([["public-good", trustedRoot]]),
      pems: { KEY: pem(keys.ours), OTHER_KEY: pem(keys.theirs) },
    });
  });
  afterAll(async () => {
    const stops = [sigstore, registry, ...Object.values(keys ?? {})];
    await Promise.all(stops.map((each) => each?.stop()));
  });

  function signerOf(identity: WorkflowIdentity | "key"): Signer {
    return identity === "key" ? { kind: "key", keys: keys.ours } : { kind: "keyless", sigstore, identity };
  }

  async function make(name: ImageName): Promise<Digest> {
    const { signs, attests } = MADE[name]!;
    const pushed = await pushImage(registry.host, repositoryOf(name), textImage(name));
    const image = `${registry.host}/${pushed.name}`;
    if (signs !== undefined) await signImage(image, signerOf(signs), "bundle");
    if (attests !== undefined) {
      await attestImage(image, signerOf(attests), "bundle", { type: SLSA, predicate: slsaPredicate() });
    }
    return Digest.parse(pushed.digest);
  }

  it.each(CASES)("decide as the original means: $file", async ({ file, namespace, verdicts }) => {
    const expected = known(verdicts);
    const found = await world.verdicts(
      world.imported(file).policy,
      Object.keys(expected) as ImageName[],
      namespace,
    );
    expect([found, Object.keys(expected).length > 0]).toEqual([expected, true]);
  });

  it.each(CASES.filter(({ accepted }) => accepted !== undefined))(
    "leave out what is accepted, and nothing else: $file",
    async ({ file, namespace, accepted = {} }) => {
      const expected = known(accepted);
      const { policy } = world.imported(file, true);
      expect(await world.verdicts(policy, Object.keys(expected) as ImageName[], namespace)).toEqual(expected);
    },
  );
});
