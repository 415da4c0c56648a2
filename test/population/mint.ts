import { type Digest, digestOf } from "../../src/core/index.ts";
import { type FakePackages, goodRun } from "../support/fake-packages.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST, imageBytes, putReferrer } from "../support/oci-artifacts.ts";
import { createOciStore, type OciStore } from "../support/oci-store.ts";
import { attestation, type FormedLayer, slsaPredicate } from "../support/signed-layers.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "../support/sigstore.ts";

/** What a backfill has to find. */
export type Kind = "promotable" | "promotable-rebuilt" | "legacy-linked" | "non-promotable" | "unknown";

/** An image that was made, and its true state. */
export interface Minted {
  readonly repository: string;
  readonly digest: Digest;
  readonly kind: Kind;
  /** Whether a key signed its provenance, which is trusted. */
  readonly isKeySigned: boolean;
}

/** Who signs. */
export interface Signers {
  readonly sigstore: Sigstore;
  readonly builder: Identity;
  readonly stranger: Identity;
}

/** New signers; what they sign is verified as in life. */
export async function createSigners(): Promise<Signers> {
  return { sigstore: await createSigstore(), builder: keyPair(), stranger: keyPair() };
}

const PROVENANCE = attestation("https://slsa.dev/provenance/v1", slsaPredicate());
const DAY_MS = 24 * 3_600_000;
const UNLOGGED = { rekor: "none" } as const;
const REPOSITORIES = 10;
/** Of a hundred images of a registry with push times. */
const TIMED: readonly (readonly [Kind, number])[] = [
  ["promotable", 40],
  ["promotable-rebuilt", 20],
  ["legacy-linked", 20],
  ["non-promotable", 18],
  ["unknown", 2],
];
/** The same of one that knows none: nothing says that a rebuild was one. */
const UNTIMED: readonly (readonly [Kind, number])[] = [
  ["promotable", 80],
  ["non-promotable", 18],
  ["unknown", 2],
];

/** Images in memory, as the bench makes them. */
export interface MintedStore {
  readonly store: OciStore;
  readonly images: readonly Minted[];
}

/** Makes so many images; with push times where packages are to list them. */
export async function mint(count: number, signers: Signers, packages?: FakePackages): Promise<MintedStore> {
  const store = createOciStore();
  const images: Minted[] = [];
  for (let at = 0; at < count; at += 1) {
    const kind = kindOf(packages === undefined ? UNTIMED : TIMED, at);
    const repository = `acme/app-${at % REPOSITORIES}`;
    const commit = digestOf(`commit ${at}`).slice(7, 47);
    const annotations = kind === "legacy-linked" ? { "org.opencontainers.image.revision": commit } : {};
    const bytes = imageBytes(store, repository, `${packages === undefined} ${at}`, { annotations });
    const digest = store.putManifest(repository, IMAGE_MANIFEST, bytes);
    store.repository(repository).tags.set(`v${at}`, digest);
    const isKeySigned = kind === "promotable-rebuilt" || (kind === "promotable" && at % 2 === 1);
    const image = { repository, digest, kind, isKeySigned };
    for (const layer of await layersOf(image, at, signers)) attach(store, image, layer);
    if (packages !== undefined) record(packages, { ...image, tag: `v${at}`, commit });
    images.push(image);
  }
  return { store, images };
}

function kindOf(shares: readonly (readonly [Kind, number])[], at: number): Kind {
  let rest = (at * 37) % 100; // so that kinds alternate, and each hundred has the same
  for (const [kind, share] of shares) {
    if (rest < share) return kind;
    rest -= share;
  }
  throw new Error("the shares are not a hundred");
}

async function layersOf(
  { digest, kind }: Minted,
  at: number,
  { sigstore, builder, stranger }: Signers,
): Promise<FormedLayer[]> {
  if (kind === "promotable" && at % 2 === 0)
    return [await PROVENANCE.bundle(sigstore, await sigstore.identity(), digest)];
  if (kind === "promotable" || kind === "promotable-rebuilt")
    return [await PROVENANCE.bundle(sigstore, builder, digest, UNLOGGED)];
  if (kind === "non-promotable" && at % 2 === 0)
    return [await PROVENANCE.bundle(sigstore, stranger, digest, UNLOGGED)];
  return [];
}

/** What GitHub would know of a push. */
function record(
  { packages, runs }: FakePackages,
  { repository, digest, kind, tag, commit }: Minted & { readonly tag: string; readonly commit: string },
): void {
  const name = repository.slice("acme/".length);
  const at = new Date(Date.now() - (kind === "promotable-rebuilt" ? 3 * DAY_MS : 60_000));
  const versions = packages.get(name) ?? [];
  packages.set(name, versions);
  versions.push({ name: digest, created_at: at.toISOString(), tags: [tag] });
  if (kind === "legacy-linked")
    runs.push(goodRun(commit, new Date(at.getTime() - 60_000), new Date(at.getTime() + 60_000)));
}

function attach(store: OciStore, { repository, digest }: Minted, layer: FormedLayer): void {
  const { referrers } = store.repository(repository);
  const listed = putReferrer(store, repository, digest, layer);
  referrers.set(digest, [...(referrers.get(digest) ?? []), listed]);
}

/** Pushes all that a store holds to a real registry; what refers to images by the fallback tag where it has no API. */
export async function upload(
  { store, images }: MintedStore,
  host: string,
  hasReferrers: boolean,
): Promise<void> {
  for (const repository of store.names()) {
    const { blobs, manifests, tags, referrers } = store.repository(repository);
    const base = `http://${host}/v2/${repository}`;
    await eachOf([...blobs.values()], (bytes) => pushBlob(base, bytes));
    const own = new Set(images.map(({ digest }) => digest as string));
    const isFirst = ([digest]: readonly [string, unknown]): boolean => own.has(digest);
    for (const batch of [[...manifests].filter(isFirst), [...manifests].filter((each) => !isFirst(each))])
      await eachOf(batch, ([digest, { mediaType, bytes }]) =>
        put(`${base}/manifests/${digest}`, mediaType, bytes),
      );
    await eachOf([...tags], ([tag, digest]) =>
      put(`${base}/manifests/${tag}`, IMAGE_MANIFEST, manifests.get(digest)!.bytes),
    );
    if (hasReferrers) continue;
    await eachOf([...referrers], ([digest, listed]) => {
      const list = { schemaVersion: 2, mediaType: IMAGE_INDEX, manifests: listed };
      return put(
        `${base}/manifests/${digest.replace(":", "-")}`,
        IMAGE_INDEX,
        Buffer.from(JSON.stringify(list)),
      );
    });
  }
}

const AT_ONCE = 16;

async function eachOf<T>(all: readonly T[], work: (each: T) => Promise<void>): Promise<void> {
  const left = all.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const each of left) await work(each);
    }),
  );
}

async function pushBlob(base: string, bytes: Buffer): Promise<void> {
  const begun = await fetch(`${base}/blobs/uploads/`, { method: "POST" });
  await begun.arrayBuffer();
  const location = new URL(begun.headers.get("location") ?? "", `${base}/`);
  location.searchParams.set("digest", digestOf(bytes));
  await put(location.href, "application/octet-stream", bytes);
}

async function put(url: string, mediaType: string, bytes: Buffer): Promise<void> {
  const body = new Uint8Array(bytes);
  const answer = await fetch(url, { method: "PUT", headers: { "content-type": mediaType }, body });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
  await answer.arrayBuffer();
}
