import { type AttachmentForm, type OwnResources, predicateHint } from "../../core/index.ts";
import type { Descriptor } from "../descriptors.ts";
import type { EvidenceManifest } from "../documents.ts";
import type { Collection } from "./collection.ts";
import { formOfLayer } from "./kinds.ts";
import type { PlaceName } from "./places.ts";

/** Layers of one tag that are read first where a part may do. */
const FEW_LAYERS = 64;

/** What the caller has a use for. */
export interface Wanted extends OwnResources {
  /** Whether any rule asks for attestations of this predicate type. Hints are unsigned; without one it is not asked. */
  readonly wantsPredicate: (hint: string | undefined) => boolean;
  /**
   * Whether a part may do: the newest of the places that usually hold something. The caller comes back for the rest where
   * that is not enough. Everything is read where absent.
   */
  readonly likelyLocations?: boolean;
  /** Called once, when every place that is asked first has said what it holds, before what they list is read. */
  readonly onListed?: () => void;
}

/** A layer that may be evidence, not yet read. */
export interface AttachedLayer {
  readonly form: AttachmentForm;
  readonly layer: Descriptor;
  /** The manifest's annotations and the layer's. */
  readonly annotations: Readonly<Record<string, string>>;
  readonly size: number;
}

/** Whether annotations leave open, or say, that the attachment is wanted. */
export function isWanted(annotations: Readonly<Record<string, string>>, wanted: Wanted): boolean {
  const hint = predicateHint(annotations);
  return hint === undefined || wanted.wantsPredicate(hint);
}

/** Where a manifest's layers come from. */
export interface Holder {
  readonly manifest: EvidenceManifest;
  /** The manifest's own digest, for reports. */
  readonly digest: Descriptor["digest"];
  readonly form: AttachmentForm;
  /** For reports. */
  readonly place: PlaceName | "referrer";
}

/** How many layers of a manifest are read. */
export function mostLayers({ limits, wanted }: Pick<Collection, "limits" | "wanted">): number {
  return wanted.likelyLocations === true ? Math.min(FEW_LAYERS, limits.layers) : limits.layers;
}

/** The layers of a manifest that may be evidence and are wanted, the last, which are the newest, first. */
export function layersOf(holder: Holder, collection: Collection): AttachedLayer[] {
  const { manifest, digest, form, place } = holder;
  const { wanted, intake } = collection;
  const { descriptors, unreadable, surplus } = manifest.layers;
  const item = { form, digest, predicateType: predicateHint(manifest.annotations), is: "parts" } as const;
  if (unreadable > 0)
    intake.unread(item, "registry/invalid", `layers of a ${place} have no readable descriptor`, unreadable);
  if (surplus > 0 && wanted.likelyLocations === true) intake.leaveOut();
  else if (surplus > 0) {
    const message = `layers of a ${place} past the newest ${mostLayers(collection)} (registries.limits.layers)`;
    intake.unread(item, "limits/exceeded", message, surplus);
  }
  return descriptors.toReversed().flatMap((layer): AttachedLayer[] => {
    const found = formOfLayer(layer.mediaType);
    const annotations = { ...manifest.annotations, ...layer.annotations };
    return found !== undefined && isWanted(annotations, wanted)
      ? [{ form: found, layer, annotations, size: layer.size }]
      : [];
  });
}
