import {
  asFault,
  type Digest,
  type ImageContents,
  type ImageRef,
  isPinned,
  parseImageRef,
  type PinnedImage,
  printable,
  type PullAccess,
  repositoryName,
} from "../core/index.ts";
import type { RunningUnit } from "./running.ts";

/** What registries are asked. Failures are faults. */
export interface AuditRegistry {
  /** What a tag represents now; undefined where there is no such tag. */
  readonly resolve: (ref: ImageRef, access: PullAccess) => Promise<Digest | undefined>;
  /** What an image consists of; undefined where there is no such image. */
  readonly contents: (image: PinnedImage, access: PullAccess) => Promise<ImageContents | undefined>;
}

/** What is judged for a unit, and how it is related to what its object names. */
export interface WhatRuns {
  /** The reference that the gate judges. */
  readonly image: string;
  /** What runs is not what the object names: one clause. */
  readonly differs?: string;
  /** Why it is not known whether it is: a code and one clause. */
  readonly unknown?: { readonly code: string; readonly message: string };
}

/**
 * What a unit really runs. A node may name the platform image of the index that its object names: the index is judged then, which
 * is what is signed. Never rejects.
 */
export async function whatRuns(
  { image: { named, running, runningAs }, access }: RunningUnit,
  registry: AuditRegistry,
): Promise<WhatRuns> {
  if (running === undefined) {
    const message = "its node does not say by which repository digest it runs";
    return { image: named, unknown: { code: "audit/no-digest", message } };
  }
  const parsed = parseImageRef(named);
  if (!parsed.ok) return { image: named };
  const { ref } = parsed;
  if (ref.digest === running) return { image: named };
  try {
    return await compared(ref, { running, runningAs, registry, access });
  } catch (error) {
    const { code, message } = asFault(error);
    const why = `whether ${running} is what its object names is not known: ${printable(message, 300)}`;
    return { image: `${repositoryName(ref)}@${running}`, unknown: { code, message: why } };
  }
}

interface Comparing extends Asking {
  readonly running: Digest;
  readonly runningAs: string | undefined;
}

/** Rejects where the registry does not say. */
async function compared(ref: ImageRef, { running, runningAs, ...asking }: Comparing): Promise<WhatRuns> {
  const wanted = isPinned(ref) ? ref.digest : await asking.registry.resolve(ref, asking.access);
  if (wanted === undefined) return otherThan(ref, running, "its registry has no such tag any more");
  if (wanted === running || (await isPartOf(running, { ...ref, digest: wanted }, asking)))
    return { image: `${repositoryName(ref)}@${wanted}` };
  // The same digest may be pulled from elsewhere: a pinned image that differs is judged as the node names it.
  if (isPinned(ref)) return otherThan(refIn(runningAs) ?? ref, running, `its object names ${wanted}`);
  return otherThan(ref, running, `its tag names now ${wanted}`);
}

function refIn(text = ""): ImageRef | undefined {
  const parsed = parseImageRef(text);
  return parsed.ok ? parsed.ref : undefined;
}

function otherThan(ref: ImageRef, running: Digest, why: string): WhatRuns {
  return { image: `${repositoryName(ref)}@${running}`, differs: `it runs ${running}, and ${why}` };
}

interface Asking {
  readonly registry: AuditRegistry;
  readonly access: PullAccess;
}

/** Rejects where the registry does not say, or has no such image. */
async function isPartOf(digest: Digest, image: PinnedImage, { registry, access }: Asking): Promise<boolean> {
  const contents = await registry.contents(image, access);
  if (contents === undefined) throw new Error(`its registry has no ${image.digest}`);
  return [...contents.digests, ...contents.parts].includes(digest);
}
