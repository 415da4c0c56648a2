import { type AttachmentForm, type Attachments, type Digest, type Gap, mergeGaps } from "../core/index.ts";
import { type PlaceName, PLACES } from "./places.ts";

const MOST_REPORTED = 64;

/** Something that was seen and not read. */
type PassedOver = Attachments["passedOver"][number];

/** Notes of one collection: where it looked, and what it did not read. */
export interface Intake {
  readonly lookedAt: (place: PlaceName) => void;
  readonly passOver: (
    form: AttachmentForm,
    digest: Digest,
    reason: PassedOver["reason"],
    message: string,
  ) => void;
  readonly addGap: (gap: Gap) => void;
  readonly gaps: () => Gap[];
  readonly places: () => string[];
  /** At most 64, in the order of the calls. */
  readonly passedOver: () => PassedOver[];
}

/** Empty notes. */
export function createIntake(): Intake {
  const places = new Set<PlaceName>();
  const passed: PassedOver[] = [];
  let gaps: Gap[] = [];
  const addGap = (gap: Gap): void => void (gaps = mergeGaps([...gaps, gap]));
  return {
    lookedAt: (place) => void places.add(place),
    passOver(form, digest, reason, message) {
      if (reason === "too-large") addGap({ code: "limits/exceeded", message, count: 1 });
      if (passed.length < MOST_REPORTED) passed.push({ form, digest, reason, message });
    },
    addGap,
    gaps: () => gaps,
    places: () => PLACES.filter((place) => places.has(place)),
    passedOver: () => [...passed],
  };
}
