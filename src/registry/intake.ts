import {
  type AttachmentForm,
  type Attachments,
  type Digest,
  type FaultCode,
  type Gap,
  mergeGaps,
} from "../core/index.ts";
import { type PlaceName, PLACES } from "./places.ts";

const MOST_REPORTED = 64;
/** Gaps that are gathered before they are merged, so that thousands cost no more than their number. */
const MOST_LOOSE = 1024;

/** Something that was seen and not read. */
type PassedOver = Attachments["passedOver"][number];

/** What is not read, for reports. */
export interface Item {
  readonly form: AttachmentForm;
  readonly digest: Digest;
  /** The predicate type that its annotations name, unsigned. */
  readonly predicateType?: string | undefined;
}

/** Notes of one collection: where it looked, and what it did not read. */
export interface Intake {
  readonly lookedAt: (place: PlaceName) => void;
  /** A foreign kind: it was looked at, and cannot be evidence. */
  readonly foreign: (item: Item, message: string) => void;
  /** Something that may be evidence, and what kept it from being read: a limit, or another fault. */
  readonly unread: (item: Item, code: FaultCode, message: string, count?: number) => void;
  /** Something is left for later, since a part may do. */
  readonly leaveOut: () => void;
  readonly isPart: () => boolean;
  readonly places: () => string[];
  /** At most 64, in the order of the calls. */
  readonly passedOver: () => PassedOver[];
  readonly gaps: () => Gap[];
}

/** Empty notes. */
export function createIntake(): Intake {
  const places = new Set<PlaceName>();
  const passed: PassedOver[] = [];
  let gaps: Gap[] = [];
  let isPart = false;
  const note = ({ form, digest }: Item, reason: PassedOver["reason"], message: string): void => {
    if (passed.length < MOST_REPORTED) passed.push({ form, digest, reason, message });
  };
  return {
    lookedAt: (place) => void places.add(place),
    foreign: (item, message) => note(item, "unsupported", message),
    unread: (item, code, message, count = 1) => {
      note(item, code === "limits/exceeded" ? "too-large" : "unavailable", message);
      const { predicateType } = item;
      gaps.push({ code, message, count, ...(predicateType !== undefined && { predicateType }) });
      if (gaps.length > MOST_LOOSE) gaps = mergeGaps(gaps);
    },
    leaveOut: () => void (isPart = true),
    isPart: () => isPart,
    places: () => PLACES.filter((place) => places.has(place)),
    passedOver: () => [...passed],
    gaps: () => mergeGaps(gaps),
  };
}
