import { afterAll, beforeAll, describe, expect, it } from "vitest";

import {
  attestImage,
  cosign,
  generateKeyPair,
  signImage,
  slsaProvenance,
  type KeyPair,
  type Layout,
  type Signer,
} from "../support/cosign.ts";
import { GITHUB_ISSUER, subjectOf } from "../support/identities.ts";
import { pushImage, textImage } from "../support/images.ts";
import { startRegistry, type RegistryServer } from "../support/registries.ts";
import { startSigstore, type SigstoreServer } from "../support/sigstore.ts";

const IDENTITY = { repository: "acme/app" };

const INDEX = "application/vnd.oci.image.index.v1+json";
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";

/** The media types of what lies at a place of the registry, or the status where there is nothing. */
async function mediaTypes(url: string): Promise<string | number> {
  const response = await fetch(url, { headers: { accept: `${INDEX}, ${MANIFEST}` } });
  if (!response.ok) return response.status;
  const { manifests, layers } = (await response.json()) as Record<
    string,
    { mediaType: string }[] | undefined
  >;
  return (manifests ?? layers ?? []).map(({ mediaType }) => mediaType).join(" ");
}

/** Where everything about an image lies. */
async function places(host: string, digest: string) {
  const repository = `http://${host}/v2/app`;
  const tag = digest.replace(":", "-");
  return {
    referrers: await mediaTypes(`${repository}/referrers/${digest}`),
    fallback: await mediaTypes(`${repository}/manifests/${tag}`),
    sig: await mediaTypes(`${repository}/manifests/${tag}.sig`),
    att: await mediaTypes(`${repository}/manifests/${tag}.att`),
  };
}

type RegistryKind = "with referrers" | "without referrers";

interface Case {
  readonly registry: RegistryKind;
  readonly signer: Signer["kind"];
  readonly layout: Layout;
}

const CASES: readonly Case[] = (["with referrers", "without referrers"] as const).flatMap((registry) =>
  (["keyless", "key"] as const).flatMap((signer) =>
    (["legacy", "bundle"] as const).map((layout) => ({ registry, signer, layout })),
  ),
);

/** Where a signature and an attestation must lie: legacy ones at their tags, bundles as two manifests. */
function expectedPlaces({ registry, layout }: Case) {
  const none = registry === "with referrers" ? "" : 404;
  const nowhere = { referrers: none, fallback: 404, sig: 404, att: 404 };
  if (layout === "legacy") {
    const sig = "application/vnd.dev.cosign.simplesigning.v1+json";
    return { ...nowhere, sig, att: "application/vnd.dsse.envelope.v1+json" };
  }
  const two = `${MANIFEST} ${MANIFEST}`;
  return registry === "with referrers" ? { ...nowhere, referrers: two } : { ...nowhere, fallback: two };
}

describe("real cosign signs into real registries", () => {
  let sigstore: SigstoreServer;
  let keys: KeyPair;
  let registries: Record<RegistryKind, RegistryServer>;

  beforeAll(async () => {
    sigstore = await startSigstore();
    keys = await generateKeyPair();
    registries = {
      "with referrers": await startRegistry({ referrers: true }),
      "without referrers": await startRegistry({ referrers: false }),
    };
  });
  afterAll(async () => {
    await Promise.all([
      sigstore.stop(),
      keys.stop(),
      ...Object.values(registries).map((each) => each.stop()),
    ]);
  });

  /** Arguments with which cosign itself should verify what it signed. */
  function trust({ signer, layout }: Case): string[] {
    if (signer === "key") return ["--key", keys.publicKey, "--insecure-ignore-tlog=true"];
    const identity = [
      "--certificate-identity",
      subjectOf(IDENTITY),
      "--certificate-oidc-issuer",
      GITHUB_ISSUER,
    ];
    return layout === "bundle" ? [...identity, "--trusted-root", sigstore.trustedRoot] : identity;
  }

  async function verify(which: Case, command: readonly string[], image: string): Promise<number> {
    const format = which.layout === "legacy" ? ["--new-bundle-format=false"] : [];
    const args = [
      ...command,
      ...format,
      ...trust(which),
      "--allow-http-registry",
      "--allow-insecure-registry",
      image,
    ];
    const { code, stderr } = await cosign(args, which.layout === "legacy" ? sigstore.legacyEnvironment : {});
    if (code !== 0) process.stderr.write(stderr);
    return code;
  }

  it.for(CASES)("$signer, $layout, registry $registry", async (which) => {
    const { host } = registries[which.registry];
    const signer: Signer =
      which.signer === "key" ? { kind: "key", keys } : { kind: "keyless", sigstore, identity: IDENTITY };
    const { digest, name } = await pushImage(host, "app", textImage(JSON.stringify(which)));
    const image = `${host}/${name}`;
    await signImage(image, signer, which.layout);
    await attestImage(image, signer, which.layout, slsaProvenance(IDENTITY));

    expect(await places(host, digest)).toEqual(expectedPlaces(which));
    expect(await verify(which, ["verify"], image)).toBe(0);
    expect(await verify(which, ["verify-attestation", "--type", "slsaprovenance1"], image)).toBe(0);
  });
});
