import { type Attachments, Fault, type Gap, gapFault, linkAbort } from "../../core/index.ts";
import { createTurns } from "../auth/turns.ts";
import type { AttachedLayer } from "./attached-layers.ts";
import { planBatches, readBatch, readBatches } from "./batches.ts";
import type { Collection } from "./collection.ts";
import { createIntake } from "./intake.ts";
import { readLegacyTag } from "./legacy-tags.ts";
import { type PlaceName, PLACES } from "./places.ts";
import { listByApi, listByTag, readReferrers } from "./referrers.ts";

/** Why requests under way are given up; one for all, since making one takes as long as a request's headers. */
const OVER = new Error("attachments are known, or cannot be");

/** What collecting needs; its budgets, turns and notes are its own. */
type Task = Omit<Collection, "budget" | "listBudget" | "inTurn" | "intake">;

/**
 * Everything that a registry holds about one digest, in at most three round trips once signed in: all places at
 * once, then all manifests, then all blobs. All forms are gathered; none hides another. Where a part may do, the newest
 * of the usual places is read alone, and the other places only where those hold nothing. What cannot be read is a gap.
 * Throws a Fault where no place could be read at all, and where the caller's time is over.
 */
export async function collectAttachments(task: Task): Promise<Attachments> {
  const { signal, abort } = linkAbort(task.signal);
  const budgets = { budget: { left: task.limits.totalBytes }, listBudget: { left: task.limits.listBytes } };
  const collection: Collection = {
    ...task,
    ...budgets,
    signal,
    inTurn: createTurns(),
    intake: createIntake(),
  };
  const { intake, subject, usual, wanted } = collection;
  const first = wanted.likelyLocations === true && usual.length > 0 ? usual : PLACES;
  const others = PLACES.filter((place) => !first.includes(place));
  try {
    const usually = await readPlaces(first, collection, wanted.onListed);
    const isSomePlaces = others.length > 0 && usually.found.length > 0;
    const besides = isSomePlaces || others.length === 0 ? NOTHING : await readPlaces(others, collection);
    const found = [...usually.found, ...besides.found];
    const later = [...usually.later, ...besides.later];
    const gaps = intake.gaps();
    if (intake.places().length === 0) throwFirst(gaps);
    const [skipped, manifests, searched] = [intake.skipped(), intake.manifests(), intake.places()];
    return {
      subject,
      found,
      skipped,
      gaps,
      manifests,
      searched,
      ...((isSomePlaces || intake.isPart()) && { isPartial: true }),
      ...(later.length > 0 && { rest: readBatches(later, { ...collection, signal: task.signal }) }),
    };
  } finally {
    abort(OVER);
  }
}

/** No place could be read: the registry itself gives nothing. */
function throwFirst([first]: readonly Gap[]): never {
  if (first === undefined) throw new Fault("internal/unexpected", "no place was read, and none failed");
  throw gapFault(first);
}

/** The first batch of what places hold, and the others, not yet read. */
interface PlacesRead {
  readonly found: Attachments["found"];
  readonly later: ReturnType<typeof planBatches>;
}

const NOTHING: PlacesRead = { found: [], later: [] };

async function readPlaces(
  places: readonly PlaceName[],
  collection: Collection,
  onListed?: () => void,
): Promise<PlacesRead> {
  const asks = (place: PlaceName): boolean => places.includes(place);
  const [byApi, byTag, signatures, attestations] = await Promise.all([
    asks("referrers API") ? listByApi(collection) : [],
    asks("fallback tag") ? listByTag(collection) : [],
    asks(".sig tag") ? readLegacyTag(".sig", collection) : [],
    asks(".att tag") ? readLegacyTag(".att", collection) : [],
  ]);
  onListed?.();
  const listed = new Set(byApi.map(({ digest }) => digest));
  const held: Readonly<Record<PlaceName, boolean>> = {
    "referrers API": byApi.length > 0,
    "fallback tag": byTag.some(({ digest }) => !listed.has(digest)), // what the API lists as well needs no second look
    ".sig tag": signatures.length > 0,
    ".att tag": attestations.length > 0,
  };
  collection.held(PLACES.filter((place) => held[place]));
  const referred = await readReferrers([...byApi, ...byTag], collection);
  const [batch, ...later] = planBatches(inTurn([signatures, attestations, referred]), collection);
  return { found: batch === undefined ? [] : await readBatch(batch, collection), later };
}

/** The newest of each place, then the second of each: anyone who fills one place takes nothing from the others. */
function inTurn(lists: readonly (readonly AttachedLayer[])[]): AttachedLayer[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => lists.flatMap((list) => list[at] ?? [])).flat();
}
