import {
  type AttachmentForm,
  type Attachments,
  type Digest,
  type Fault,
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
  /** The same for a fault that was met, with what it advises. */
  readonly failed: (item: Item, fault: Pick<Fault, "code" | "advice">, message: string) => void;
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
  const unread = (item: Item, gap: Gap): void => {
    note(item, gap.code === "limits/exceeded" ? "too-large" : "unavailable", gap.message);
    const { predicateType } = item;
    gaps.push({ ...gap, ...(predicateType !== undefined && { predicateType }), ...aboutOf(item) });
    if (gaps.length > MAX_LOOSE) gaps = mergeGaps(gaps);
  };
  return {
    searched: (place) => void places.add(place),
    foreign: (item, message) => note(item, "unsupported", message),
    unread: (item, code, message, count = 1) => unread(item, { code, message, count }),
    failed: (item, { code, advice }, message) =>
      unread(item, { code, message, count: 1, ...(advice !== undefined && { advice }) }),
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
