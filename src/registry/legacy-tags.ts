import { Fault, readJson } from "../core/index.ts";
import { type AttachedLayer, layersOf } from "./attached-layers.ts";
import type { Collection } from "./collection.ts";
import { Manifest } from "./descriptors.ts";
import { readList, readPlace } from "./read-list.ts";
import { fallbackTag } from "./referrers.ts";

/**
 * The layers under cosign's own tag of a subject, `sha256-<hex>.sig` or `.att`: one for each signature, the newest, which
 * cosign appends, first. Source: cosign specs/SIGNATURE_SPEC.md, "Storage".
 */
export async function readLegacyTag(
  suffix: ".sig" | ".att",
  collection: Collection,
): Promise<AttachedLayer[]> {
  const { content, subject, signal } = collection;
  const place = `${suffix} tag` as const;
  const tag = `${fallbackTag(subject)}${suffix}`.slice(0, 128);
  const form = suffix === ".sig" ? "cosign-sig" : "cosign-att";
  return await readPlace<AttachedLayer>(place, collection, async (layers) => {
    const found = await readList(collection, (limit) => content.tagged(tag, { limit, signal }));
    if (found === undefined) return "read";
    const manifest = Manifest.safeParse(readJson(found.bytes)).data;
    if (manifest === undefined)
      throw new Fault("registry/invalid", "what it leads to is not an image manifest");
    layers.push(...layersOf({ manifest, digest: found.digest, form, place }, collection));
    return "read";
  });
}
