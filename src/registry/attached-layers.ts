import { type AttachmentForm, predicateHint } from "../core/index.ts";
import { type Descriptor, type Manifest, readDescriptors } from "./descriptors.ts";
import type { Intake } from "./intake.ts";
import { formOfLayer } from "./kinds.ts";

/** What the caller has a use for. */
export interface Wanted {
  /** Whether any rule asks for attestations of this predicate type. Hints are unsigned; without one it is not asked. */
  readonly wantsPredicate: (hint: string | undefined) => boolean;
  /**
   * Whether the places that usually hold something may do: the caller comes back for the others where what they hold is
   * not enough. All places are asked where absent.
   */
  readonly usualPlaces?: boolean;
  /** Called once, when every place that is asked first has said what it holds, before what they list is read. */
  readonly onListed?: () => void;
  /** Waited for before layers of so many bytes in all, as they are announced, are read. */
  readonly takeRoom?: (bytes: number) => Promise<void>;
}

/** A layer that may be evidence, not yet read. */
export interface AttachedLayer {
  readonly form: AttachmentForm;
  readonly layer: Descriptor;
  readonly size: number;
}

/** Whether annotations leave open, or say, that the attachment is wanted. */
export function isWanted(annotations: Readonly<Record<string, string>>, wanted: Wanted): boolean {
  const hint = predicateHint(annotations);
  return hint === undefined || wanted.wantsPredicate(hint);
}

/** Where a manifest's layers come from. */
export interface Holder {
  readonly manifest: Manifest;
  /** The manifest's own descriptor, for reports. */
  readonly digest: Descriptor["digest"];
  readonly form: AttachmentForm;
}

/** The layers of a manifest that may be evidence and are wanted; at most `most`, the first ones. */
export function layersOf(
  { manifest, digest, form }: Holder,
  most: number,
  wanted: Wanted,
  intake: Intake,
): AttachedLayer[] {
  const { descriptors, surplus, unreadable } = readDescriptors(manifest.layers, most);
  if (surplus > 0)
    intake.passOver(form, digest, "too-large", `${surplus} layers past the limit of ${most} were not read`);
  if (unreadable > 0)
    intake.passOver(form, digest, "unsupported", `${unreadable} layers have no readable descriptor`);
  const layers: AttachedLayer[] = [];
  for (const layer of descriptors) {
    const found = formOfLayer(layer.mediaType);
    if (found !== undefined && isWanted({ ...manifest.annotations, ...layer.annotations }, wanted))
      layers.push({ form: found, layer, size: layer.size });
  }
  return layers;
}
