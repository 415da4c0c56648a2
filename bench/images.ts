import { randomBytes } from "node:crypto";

import type { Digest } from "../src/core/index.ts";
import { IMAGE_MANIFEST, imageBytes, putLegacy, putReferrer } from "../test/support/oci-artifacts.ts";
import type { OciStore } from "../test/support/oci-store.ts";
import {
  attestation,
  cosignSign,
  type FormedLayer,
  provenance,
  publicKeyOf,
} from "../test/support/signed-layers.ts";
import type { BundleOptions } from "../test/support/sigstore-entries.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "../test/support/sigstore.ts";
import { cycloneDxOf } from "./sboms.ts";

/** How an image is signed; also the last part of its repository's name. */
const KINDS = ["key-legacy", "key-bundle", "keyless-legacy", "keyless-bundle"] as const;
/** See the list of the same name; `sbom` carries one of 1.4 MB, `large-sbom` one of 30 MB, `unsigned` nothing. */
export type Kind = (typeof KINDS)[number] | "sbom" | "large-sbom" | "unsigned";

/** An image in the bench's registry. */
export interface BenchImage {
  readonly kind: Kind;
  readonly repository: string;
  readonly digest: Digest;
}

/** Images and whom their signatures are to be trusted by. */
export interface SignedImages {
  readonly images: readonly BenchImage[];
  /** PEM of the key that signs the key images. */
  readonly keyPem: string;
  readonly trustedRoot: string;
  /** Of an instance that signed none of them. */
  readonly otherRoot: string;
}

/** How many images are made. */
export interface ImageCounts {
  /** Shared out over KINDS. */
  readonly signed: number;
  readonly withSbom: number;
}

const UNSIGNED = 10;
const SBOM_BYTES = 1_400_000;
const LARGE_SBOM_BYTES = 30_000_000;
const CYCLONE_DX = "https://cyclonedx.org/bom";
/** A key's signature as `cosign sign --tlog-upload=false` makes it. */
const UNLOGGED: BundleOptions = { rekor: "none", timestamps: 0 };

interface Signers {
  readonly sigstore: Sigstore;
  readonly key: Identity;
}

/** Fills a store with images; each is really signed; each keyless signature has a certificate of its own, as in life. */
export async function publishImages(
  store: OciStore,
  { signed, withSbom }: ImageCounts,
): Promise<SignedImages> {
  const signers = { sigstore: await createSigstore(), key: keyPair() };
  const images: BenchImage[] = [];
  for (let at = 0; at < signed; at += 1) images.push(await signedImage(store, signers, KINDS[at % 4]!));
  for (let at = 0; at < withSbom; at += 1) {
    images.push(await imageWithSbom(store, signers, { kind: "sbom", bytes: SBOM_BYTES }));
  }
  images.push(await imageWithSbom(store, signers, { kind: "large-sbom", bytes: LARGE_SBOM_BYTES }));
  for (let at = 0; at < UNSIGNED; at += 1) images.push(push(store, "unsigned"));
  return {
    images,
    keyPem: publicKeyOf(signers.key).pem,
    trustedRoot: JSON.stringify(signers.sigstore.trustedRoot),
    otherRoot: JSON.stringify((await createSigstore()).trustedRoot),
  };
}

function push(store: OciStore, kind: Kind): BenchImage {
  const repository = `bench/${kind}`;
  const bytes = imageBytes(store, repository, randomBytes(32).toString("hex"), {});
  return { kind, repository, digest: store.putManifest(repository, IMAGE_MANIFEST, bytes) };
}

async function signedImage(
  store: OciStore,
  { sigstore, key }: Signers,
  kind: (typeof KINDS)[number],
): Promise<BenchImage> {
  const image = push(store, kind);
  const isKey = kind.startsWith("key-");
  const who = (): Identity | Promise<Identity> => (isKey ? key : sigstore.identity());
  const form = kind.endsWith("legacy") ? "legacy" : "bundle";
  const how = isKey ? UNLOGGED : {};
  attach(store, image, await cosignSign[form](sigstore, await who(), image.digest, how));
  attach(store, image, await provenance[form](sigstore, await who(), image.digest, how));
  return image;
}

/** Signature and provenance by the key in cosign's older form, which the peers read, too; the SBOM beside them. */
async function imageWithSbom(
  store: OciStore,
  { sigstore, key }: Signers,
  { kind, bytes }: { readonly kind: "sbom" | "large-sbom"; readonly bytes: number },
): Promise<BenchImage> {
  const image = push(store, kind);
  const sbom = attestation(CYCLONE_DX, cycloneDxOf(bytes));
  attach(store, image, await cosignSign.legacy(sigstore, key, image.digest, UNLOGGED));
  attach(store, image, await provenance.legacy(sigstore, key, image.digest, UNLOGGED));
  attach(store, image, await sbom.legacy(sigstore, key, image.digest, UNLOGGED));
  return image;
}

function attach(store: OciStore, { repository, digest }: BenchImage, layer: FormedLayer): void {
  if (layer.form === "bundle") {
    const { referrers } = store.repository(repository);
    const listed = putReferrer(store, repository, digest, layer);
    referrers.set(digest, [...(referrers.get(digest) ?? []), listed]);
    return;
  }
  const suffix = layer.form === "cosign-sig" ? "sig" : "att";
  putLegacy(store, repository, `${digest.replace(":", "-")}.${suffix}`, [layer]);
}
