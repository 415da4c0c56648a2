import {
  type AttachmentForm,
  type Attachments,
  type Digest,
  type FaultCode,
  type Gap,
  mergeGaps,
} from "../../core/index.ts";
import { type PlaceName, PLACES } from "./places.ts";

const MAX_REPORTED = 64;
/** Gaps that are gathered before they are merged, so that thousands cost no more than their number. */
const MAX_LOOSE = 1024;

/** Something that was seen and not read. */
type Skipped = Attachments["skipped"][number];

/** What is not read, for reports. */
export interface Item {
  readonly form: AttachmentForm;
  readonly digest: Digest;
  /** The predicate type that its annotations name, unsigned. */
  readonly predicateType?: string | undefined;
  /** What it is, where its digest alone does not say: a whole place, or parts of something that was read. */
  readonly is?: "place" | "parts";
}

/** Notes of one collection: where it looked, and what it did not read. */
export interface Intake {
  readonly searched: (place: PlaceName) => void;
  /** A foreign kind: it was checked, and cannot be evidence. */
  readonly foreign: (item: Item, message: string) => void;
  /** Something that may be evidence, and what kept it from being read: a limit, or another fault. */
  readonly unread: (item: Item, code: FaultCode, message: string, count?: number) => void;
  /** A referrer's manifest was read. */
  readonly opened: (manifest: Digest) => void;
  /** Something is left for later, since a part may do. */
  readonly leaveOut: () => void;
  readonly isPart: () => boolean;
  readonly places: () => string[];
  readonly manifests: () => Digest[];
  /** At most 64, in the order of the calls. */
  readonly skipped: () => Skipped[];
  readonly gaps: () => Gap[];
}

/** Empty notes. */
export function createIntake(): Intake {
  const places = new Set<PlaceName>();
  const manifests: Digest[] = [];
  const passed: Skipped[] = [];
  let gaps: Gap[] = [];
  let isPart = false;
  const note = ({ form, digest }: Item, reason: Skipped["reason"], message: string): void => {
    if (passed.length < MAX_REPORTED) passed.push({ form, digest, reason, message });
  };
  return {
    searched: (place) => void places.add(place),
    foreign: (item, message) => note(item, "unsupported", message),
    unread: (item, code, message, count = 1) => {
      note(item, code === "limits/exceeded" ? "too-large" : "unavailable", message);
      const { predicateType } = item;
      const hint = predicateType === undefined ? {} : { predicateType };
      gaps.push({ code, message, count, ...hint, ...aboutOf(item) });
      if (gaps.length > MAX_LOOSE) gaps = mergeGaps(gaps);
    },
    opened: (manifest) => void manifests.push(manifest),
    leaveOut: () => void (isPart = true),
    isPart: () => isPart,
    places: () => PLACES.filter((place) => places.has(place)),
    manifests: () => [...manifests],
    skipped: () => [...passed],
    gaps: () => mergeGaps(gaps),
  };
}

function aboutOf({ digest, is }: Item): Pick<Gap, "about"> {
  if (is === "parts") return {};
  return { about: is ?? [digest] };
}
