import { readJson } from "../core/index.ts";
import { type AttachedLayer, layersOf } from "./attached-layers.ts";
import type { Collection } from "./collection.ts";
import { Manifest } from "./descriptors.ts";
import { readList } from "./read-list.ts";
import { fallbackTag } from "./referrers.ts";

/**
 * The layers under cosign's own tag of a subject, `sha256-<hex>.sig` or `.att`: one for each signature.
 * Source: cosign specs/SIGNATURE_SPEC.md, "Storage".
 */
export async function readLegacyTag(
  suffix: ".sig" | ".att",
  collection: Collection,
): Promise<AttachedLayer[]> {
  const { content, subject, limits, wanted, intake, signal } = collection;
  const tag = `${fallbackTag(subject)}${suffix}`.slice(0, 128);
  const form = suffix === ".sig" ? "cosign-sig" : "cosign-att";
  const found = await readList({ name: `${suffix} tag`, form }, collection, (limit) =>
    content.tagged(tag, { limit, signal }),
  );
  intake.lookedAt(`${suffix} tag`);
  if (found === undefined) return [];
  const manifest = Manifest.safeParse(readJson(found.bytes)).data;
  if (manifest !== undefined)
    return layersOf({ manifest, digest: found.digest, form }, limits.layers, wanted, intake);
  intake.passOver(form, found.digest, "unsupported", `the ${suffix} tag is not an image manifest`);
  return [];
}
