import { type Digest, eachAtMost, Fault, mostAlone, predicateHint, splitDigest } from "../../core/index.ts";
import type { Descriptor, Entries } from "../descriptors.ts";
import { type AttachedLayer, isWanted, layersOf, mostLayers } from "./attached-layers.ts";
import { spend } from "./budget.ts";
import type { Collection } from "./collection.ts";
import { artifactTypeOf, formOfReferrer, isNotation } from "./kinds.ts";
import { readAttached } from "./read-attached.ts";
import { listTask, readList, readPlace } from "./read-list.ts";
import { inReadingOrder } from "./reading-order.ts";

const MAX_LISTED = 4096; // entries of one list that are checked, the last, where clients append; 4 MiB hold more
/** Referrers that are read first where a part may do. */
const FEW_REFERRERS = 64;
const NOTATION = "a Notation signature, which is not verified here";

/** What the referrers API lists; nothing where the registry has no such API. */
export async function listByApi(collection: Collection): Promise<Descriptor[]> {
  const { content, read, subject, limits, signal } = collection;
  return await readPlace<Descriptor>("referrers API", collection, async (listed) => {
    let page: string | undefined;
    for (let pages = 0; pages < limits.referrerPages; pages += 1) {
      const answer = await readList(
        listTask(collection),
        (limit) => content.referrers(subject, page, { limit, signal }),
        async ({ bytes, next }) => ({ entries: await read("referrers", bytes, MAX_LISTED), next }),
      );
      if (answer === undefined) return pages === 0 ? "no such place" : "read";
      listed.push(...entriesOf(answer.entries, collection));
      page = answer.next;
      if (page === undefined) return "read";
    }
    const limit = `pages past the first ${limits.referrerPages} (registries.limits.referrerPages)`;
    throw new Fault("limits/exceeded", limit);
  });
}

/**
 * What the tag `sha256-<hex>` lists: clients keep it where a registry has no referrers API, and it may hold what
 * was attached before the registry got one. Source: distribution-spec v1.1, "Referrers Tag Schema".
 */
export async function listByTag(collection: Collection): Promise<Descriptor[]> {
  const { content, read, subject, signal } = collection;
  return await readPlace<Descriptor>("fallback tag", collection, async (listed) => {
    const entries = await readList(
      listTask(collection),
      (limit) => content.tagged(fallbackTag(subject), { limit, signal }),
      ({ bytes }) => read("referrers", bytes, MAX_LISTED),
    );
    if (entries !== undefined) listed.push(...entriesOf(entries, collection));
    return "read";
  });
}

/** The tag that represents a digest: at most 128 characters, as the specification cuts it. */
export function fallbackTag(subject: Digest): string {
  const { algorithm, hex } = splitDigest(subject);
  return `${algorithm}-${hex}`.slice(0, 128);
}

/** The layers of the referrers that are worth reading, each manifest read and hashed, in the order of the referrers. */
export async function readReferrers(
  listed: readonly Descriptor[],
  collection: Collection,
): Promise<AttachedLayer[]> {
  const chosen = chooseReferrers(listed, collection);
  await collection.wanted.reserveBytes?.(chosen.reduce((sum, { size }) => sum + size, 0));
  const layers: AttachedLayer[][] = [];
  await eachAtMost(mostAlone(collection.limits.connectionsPerHost), chosen, async (each, at) => {
    layers[at] = await readReferrer(each, collection);
  });
  return layers.flat();
}

function entriesOf(
  { descriptors, unreadable, surplus }: Entries,
  { subject, intake }: Collection,
): readonly Descriptor[] {
  const item = { form: "bundle", digest: subject, is: "parts" } as const;
  if (surplus > 0)
    intake.unread(item, "limits/exceeded", `entries of a list before the last ${MAX_LISTED}`, surplus);
  if (unreadable > 0)
    intake.unread(item, "registry/invalid", "listed referrers have no readable descriptor", unreadable);
  return descriptors;
}

/** Each once, in the order of reading, as many as the limits allow; the rest is reported. */
function chooseReferrers(
  listed: readonly Descriptor[],
  { wanted, limits, intake, listBudget }: Collection,
): Descriptor[] {
  const unique = new Map<string, Descriptor>();
  for (const each of listed) {
    if (isNotation(each.artifactType)) intake.foreign(itemOf(each), NOTATION);
    else if (isWanted(each.annotations, wanted) && !unique.has(each.digest)) unique.set(each.digest, each);
  }
  const ordered = inReadingOrder([...unique.values()]);
  if (wanted.likelyLocations === true && ordered.length > FEW_REFERRERS) {
    intake.leaveOut();
    ordered.length = FEW_REFERRERS;
  }
  const { referrers, listBytes } = limits;
  for (const each of ordered.slice(referrers)) {
    const message = `referrers past the newest ${referrers} (registries.limits.referrers)`;
    intake.unread(itemOf(each), "limits/exceeded", message);
  }
  const { taken, left } = spend(ordered.slice(0, referrers), listBudget);
  for (const each of left) {
    const message = `lists and manifests past ${listBytes} bytes in all (registries.limits.listBytes)`;
    intake.unread(itemOf(each), "limits/exceeded", message);
  }
  return taken;
}

function itemOf(descriptor: Descriptor) {
  const { digest, annotations } = descriptor;
  return { form: formOfReferrer(descriptor), digest, predicateType: predicateHint(annotations) };
}

async function readReferrer(descriptor: Descriptor, collection: Collection): Promise<AttachedLayer[]> {
  const item = itemOf(descriptor);
  const { limits, intake } = collection;
  const limit = { bytes: limits.referrerBytes, setting: "registries.limits.referrerBytes" };
  const manifest = await readAttached(
    { kind: "manifests", descriptor, limit, ...item },
    collection,
    async (bytes) => (await collection.read("evidence", bytes, mostLayers(collection))) ?? "none",
  );
  if (manifest === undefined) return [];
  intake.opened(item.digest);
  if (manifest === "none") {
    intake.foreign(item, "a referrer that is not an image manifest");
    return [];
  }
  if (isNotation(artifactTypeOf(manifest))) {
    intake.foreign(item, NOTATION);
    return [];
  }
  const { form, digest } = item;
  return layersOf({ manifest, digest, form, place: "referrer" }, collection);
}
