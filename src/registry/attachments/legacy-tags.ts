import { Fault } from "../../core/index.ts";
import { type AttachedLayer, layersOf, mostLayers } from "./attached-layers.ts";
import type { Collection } from "./collection.ts";
import { listTask, readList, readPlace } from "./read-list.ts";
import { fallbackTag } from "./referrers.ts";

/**
 * The layers under cosign's own tag of a subject, `sha256-<hex>.sig` or `.att`: one for each signature, the newest, which
 * cosign appends, first. Source: cosign specs/SIGNATURE_SPEC.md, "Storage".
 */
export async function readLegacyTag(
  suffix: ".sig" | ".att",
  collection: Collection,
): Promise<AttachedLayer[]> {
  const { content, read, subject, signal } = collection;
  const place = `${suffix} tag` as const;
  const tag = `${fallbackTag(subject)}${suffix}`.slice(0, 128);
  const form = suffix === ".sig" ? "cosign-sig" : "cosign-att";
  return await readPlace<AttachedLayer>(place, collection, async (layers) => {
    const found = await readList(
      listTask(collection),
      (limit) => content.tagged(tag, { limit, signal }),
      async ({ bytes, digest }) => ({
        digest,
        manifest: await read("evidence", bytes, mostLayers(collection)),
      }),
    );
    if (found === undefined) return "read";
    const { digest, manifest } = found;
    if (manifest === undefined)
      throw new Fault("registry/invalid", "what it leads to is not an image manifest");
    layers.push(...layersOf({ manifest, digest, form, place }, collection));
    return "read";
  });
}
