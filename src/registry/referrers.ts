import { type Digest, Fault, readJson, splitDigest } from "../core/index.ts";
import { type AttachedLayer, isWanted, layersOf } from "./attached-layers.ts";
import { spend } from "./budget.ts";
import type { Collection } from "./collection.ts";
import { type Descriptor, Index, Manifest, readDescriptors } from "./descriptors.ts";
import { artifactTypeOf, formOfReferrer, isNotation, rankOfReferrer } from "./kinds.ts";
import { readAttached } from "./read-attached.ts";
import { readList } from "./read-list.ts";

const MOST_LISTED = 4096; // entries of one list that are looked at; 4 MiB hold more

/** What the referrers API lists; nothing where the registry has no such API. */
export async function listByApi(collection: Collection): Promise<Descriptor[]> {
  const { content, subject, limits, intake, signal } = collection;
  const listed: Descriptor[] = [];
  let page: string | undefined;
  for (let pages = 0; pages < limits.referrerPages; pages += 1) {
    const answer = await readList({ name: "referrers API", form: "bundle" }, collection, (limit) =>
      content.referrers(subject, page, { limit, signal }),
    );
    if (answer === undefined) return listed;
    intake.lookedAt("referrers API");
    listed.push(...entriesOf(parseList(answer.bytes), collection));
    page = answer.next;
    if (page === undefined) return listed;
  }
  intake.passOver(
    "bundle",
    subject,
    "too-large",
    `referrers past page ${limits.referrerPages} were not read`,
  );
  return listed;
}

/**
 * What the tag `sha256-<hex>` lists: clients keep it where a registry has no referrers API, and it may hold what
 * was attached before the registry got one. Source: distribution-spec v1.1, "Referrers Tag Schema".
 */
export async function listByTag(collection: Collection): Promise<readonly Descriptor[]> {
  const { content, subject, intake, signal } = collection;
  const found = await readList({ name: "fallback tag", form: "bundle" }, collection, (limit) =>
    content.tagged(fallbackTag(subject), { limit, signal }),
  );
  intake.lookedAt("fallback tag");
  if (found === undefined) return [];
  const index = Index.safeParse(readJson(found.bytes)).data;
  if (index !== undefined) return entriesOf(index, collection);
  intake.passOver("bundle", found.digest, "unsupported", "the fallback tag is not an image index");
  return [];
}

/** The tag that stands for a digest: at most 128 characters, as the specification cuts it. */
export function fallbackTag(subject: Digest): string {
  const { algorithm, hex } = splitDigest(subject);
  return `${algorithm}-${hex}`.slice(0, 128);
}

/** The layers of the referrers that are worth reading, each manifest read and hashed. */
export async function readReferrers(
  listed: readonly Descriptor[],
  collection: Collection,
): Promise<AttachedLayer[]> {
  const chosen = chooseReferrers(listed, collection);
  const layers = await Promise.all(chosen.map((each) => readReferrer(each, collection)));
  return layers.flat();
}

function parseList(bytes: Buffer): Index {
  const index = Index.safeParse(readJson(bytes)).data;
  if (index === undefined) throw new Fault("registry/invalid", "the list of referrers is not an image index");
  return index;
}

function entriesOf(index: Index, { subject, intake }: Collection): readonly Descriptor[] {
  const { descriptors, unreadable, surplus } = readDescriptors(index.manifests, MOST_LISTED);
  if (surplus > 0)
    intake.passOver("bundle", subject, "too-large", `${surplus} listed referrers were not looked at`);
  if (unreadable > 0)
    intake.passOver(
      "bundle",
      subject,
      "unsupported",
      `${unreadable} listed referrers have no readable descriptor`,
    );
  return descriptors;
}

/** Each once, those that say they are Sigstore's first, as many as the limits allow; the rest is reported. */
function chooseReferrers(
  listed: readonly Descriptor[],
  { wanted, limits, intake, budget }: Collection,
): Descriptor[] {
  const unique = new Map<string, Descriptor>();
  for (const each of listed) {
    if (isNotation(each.artifactType))
      intake.passOver(
        "bundle",
        each.digest,
        "unsupported",
        "a Notation signature, which is not verified here",
      );
    else if (isWanted(each.annotations, wanted) && !unique.has(each.digest)) unique.set(each.digest, each);
  }
  const ranked = [...unique.values()].toSorted((a, b) => rankOfReferrer(a) - rankOfReferrer(b));
  for (const each of ranked.slice(limits.referrers))
    intake.passOver(
      formOfReferrer(each),
      each.digest,
      "too-large",
      `past the limit of ${limits.referrers} referrers`,
    );
  const { taken, left } = spend(ranked.slice(0, limits.referrers), budget);
  for (const each of left)
    intake.passOver(formOfReferrer(each), each.digest, "too-large", "past the limit of bytes");
  return taken;
}

async function readReferrer(descriptor: Descriptor, collection: Collection): Promise<AttachedLayer[]> {
  const form = formOfReferrer(descriptor);
  const { limits, wanted, intake } = collection;
  const item = { kind: "manifests", form, descriptor, limit: limits.manifestBytes } as const;
  const bytes = await readAttached(item, collection);
  if (bytes === undefined) return [];
  const manifest = Manifest.safeParse(readJson(bytes)).data;
  if (manifest === undefined) {
    intake.passOver(form, descriptor.digest, "unsupported", "a referrer that is not an image manifest");
    return [];
  }
  if (isNotation(artifactTypeOf(manifest))) {
    intake.passOver(
      form,
      descriptor.digest,
      "unsupported",
      "a Notation signature, which is not verified here",
    );
    return [];
  }
  return layersOf({ manifest, digest: descriptor.digest, form }, limits.layers, wanted, intake);
}
