import type { Digest } from "../../src/core/index.ts";
import type { OciRegistry } from "./oci-registry.ts";
import type { FormedLayer } from "./signed-layers.ts";

/** Attaches a layer to an image where its form belongs: as a referrer, or under cosign's `.sig` or `.att` tag. */
export function publishLayer(
  registry: OciRegistry,
  repository: string,
  subject: Digest,
  layer: FormedLayer,
): Digest {
  const { form, mediaType, bytes, annotations } = layer;
  if (form === "bundle")
    return registry.attachReferrer(repository, subject, { mediaType, bytes, annotations });
  return registry.attachTag(repository, subject, form === "cosign-sig" ? ".sig" : ".att", [
    { mediaType, bytes, annotations },
  ]);
}
