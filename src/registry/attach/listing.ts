import { setTimeout as wait } from "node:timers/promises";

import { Fault, readJson } from "../../core/index.ts";
import { fallbackTag } from "../attachments/referrers.ts";
import { Index, INDEX_TYPES } from "../descriptors.ts";
import { deadlineFault } from "../http/failures.ts";
import { pushManifest, type Pushed, type WrittenDescriptor } from "./push.ts";
import type { WriteTask } from "./task.ts";

/** Where an attachment is listed. */
export type Place = "referrers API" | "fallback tag";

const INDEX = INDEX_TYPES[0]!;
/** How often the referrers API is asked for what was written. */
const MAX_READS = 4;
/** How often the fallback tag is written again. */
const MAX_WRITES = 24;
const FIRST_WAIT_MS = 100;
/** How often in a row an entry has to be there; another writer may have read the list before ours was in it. */
const SETTLED = 2;
/** Of the time between our own reading and writing of the list, that others are given to write theirs. */
const PATIENCE = 4;
const MAX_ENTRIES = 4096;

/**
 * Has what was pushed listed, and reads it back. The header `OCI-Subject` alone is not believed: some registries send it and
 * have no referrers API. Source: distribution-spec v1.1, "Pushing Manifests with Subject".
 */
export async function ensureListed(pushed: Pushed, task: WriteTask): Promise<Place> {
  for (let reads = 0; reads < MAX_READS; reads += 1) {
    const listed = await listedByApi(pushed, task);
    if (listed === "no API") return await listByTag(pushed, task);
    if (listed === "yes") return "referrers API";
    if (!pushed.isSubjectKnown) return await listByTag(pushed, task);
    await pause(FIRST_WAIT_MS * 2 ** reads, task);
  }
  const { registry, digest } = task.image;
  throw new Fault(
    "registry/incomplete",
    `${registry} accepted an attachment of ${digest}, and does not list it`,
  );
}

async function listedByApi(
  { descriptor }: Pushed,
  { content, image, limits, signal }: WriteTask,
): Promise<"yes" | "no" | "no API"> {
  let page: string | undefined;
  for (let pages = 0; pages < limits.referrerPages; pages += 1) {
    const answer = await content.referrers(image.digest, page, { limit: limits.manifestBytes, signal });
    if (answer === undefined) return pages === 0 ? "no API" : "no";
    if (holds(entriesOf(answer.bytes, image.registry), descriptor)) return "yes";
    page = answer.next;
    if (page === undefined) return "no";
  }
  throw new Fault(
    "limits/exceeded",
    `pages past the first ${limits.referrerPages} (registries.limits.referrerPages)`,
  );
}

/**
 * Adds an entry to the fallback tag. No registry compares before it writes, and two writers drop each other's entries: the
 * list is read again until the entry has stayed there for longer than a writer needs between reading and writing.
 */
async function listByTag({ descriptor }: Pushed, task: WriteTask): Promise<Place> {
  let [stayed, gapMs] = [0, FIRST_WAIT_MS];
  for (let writes = 0; writes <= MAX_WRITES;) {
    const began = performance.now();
    const index = await readTag(task);
    const isThere = holds(index.manifests, descriptor);
    if (isThere && (writes === 0 || stayed >= SETTLED)) return "fallback tag";
    stayed = isThere ? stayed + 1 : 0;
    if (!isThere) {
      await writeTag(index, descriptor, task);
      writes += 1;
      gapMs = Math.max(gapMs, performance.now() - began);
    }
    await pause(PATIENCE * gapMs * Math.random(), task);
  }
  const { registry, digest } = task.image;
  const what = `the list of attachments of ${digest} in ${registry}`;
  throw new Fault(
    "registry/unavailable",
    `others replaced ${what} ${MAX_WRITES} times while an entry was added`,
  );
}

interface List {
  readonly manifests: readonly unknown[];
}

/** The list under the fallback tag, with whatever else it holds. A tag that leads to something else is never replaced. */
async function readTag({ image, content, limits, signal }: WriteTask): Promise<List> {
  const tag = fallbackTag(image.digest);
  const found = await content.tagged(tag, { limit: limits.manifestBytes, signal });
  if (found === undefined) return { manifests: [] };
  return {
    ...(readJson(found.bytes) as object),
    manifests: entriesOf(found.bytes, `${image.registry}, tag ${tag},`),
  };
}

async function writeTag(index: List, descriptor: WrittenDescriptor, task: WriteTask): Promise<void> {
  const { image } = task;
  if (index.manifests.length >= MAX_ENTRIES)
    throw new Fault("limits/exceeded", `${MAX_ENTRIES} entries under the fallback tag of ${image.digest}`);
  const manifests = [...index.manifests, descriptor];
  const text = JSON.stringify({ ...index, schemaVersion: 2, mediaType: INDEX, manifests });
  await pushManifest(fallbackTag(image.digest), Buffer.from(text), INDEX, task);
}

function entriesOf(bytes: Uint8Array, whose: string): readonly unknown[] {
  const index = Index.safeParse(readJson(bytes));
  if (index.success) return index.data.manifests;
  throw new Fault("registry/invalid", `${whose} holds no list of attachments`);
}

function holds(entries: readonly unknown[], { digest }: WrittenDescriptor): boolean {
  return entries.some(
    (each) => typeof each === "object" && each !== null && "digest" in each && each.digest === digest,
  );
}

async function pause(milliseconds: number, { image, signal }: WriteTask): Promise<void> {
  try {
    await wait(milliseconds, undefined, { signal });
  } catch (error) {
    throw deadlineFault(image.registry, error);
  }
}
