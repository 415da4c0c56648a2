import { asFault, Fault, type Subject, type Verdict } from "../core/index.ts";
import { approvedWaivers } from "./approvals/approvals.ts";
import { rememberBasis } from "./basis.ts";
import { decide, faultVerdict, type ImageFindings } from "./decide.ts";
import { createEvidenceStore, createSharedLimits } from "./evidence/evidence-store.ts";
import { type AgeLimits, examine } from "./examine.ts";
import { isLacking } from "./examined.ts";
import type { GateDeps, GateRequest, WarmableGate } from "./ports.ts";
import { createReader } from "./reader.ts";
import { type LackOf, type Reading, Readings } from "./readings.ts";
import { documentsOf, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { softeningOf } from "./switched.ts";
import { warm } from "./warm.ts";

const MAX_PLACES = 4;
/**
 * Times that something may be read for one decision. A tag, its evidence, the same evidence once more and approvals take
 * four; a policy that asks for something else meanwhile takes one or two more each time that it changes.
 */
const MAX_ROUNDS = 12;

/**
 * The pipeline: read what is lacking, take a snapshot, judge and decide on it. Where the snapshot asks for more than was
 * read, once around again: a verdict is always made in one piece, by what holds after all waiting. Each distinct image is
 * examined once, all of them side by side.
 */
export function createGate(deps: GateDeps): WarmableGate {
  const shared = createSharedLimits(deps);
  const store = createEvidenceStore(deps, shared);
  const { known, readLacking } = createReader(deps, { store, ...shared });

  async function admitAll(requests: readonly GateRequest[]): Promise<Verdict[]> {
    try {
      const pending = requests.map((request) => ({ request, readings: new Readings(known) }));
      for (let round = 0; round < MAX_ROUNDS; round += 1) {
        const started = performance.now();
        const snapshot = takeSnapshot(deps);
        const attempts = pending.map((each) => attempt(each, snapshot, deps));
        const lacking = attempts.flatMap((each) => each.lacking);
        if (lacking.length === 0) {
          deps.observer.phase("judge", (performance.now() - started) / 1000);
          return attempts.flatMap(({ verdict }) => verdict ?? []);
        }
        await readLacking(lacking);
      }
      throw new Fault("deadline/exceeded", "its policy or trust material kept changing meanwhile");
    } catch (error) {
      return requests.map(({ mode }) => faultVerdict(asFault(error), mode()));
    }
  }

  return {
    admit: async (request) => (await admitAll([request]))[0]!,
    admitAll,
    warm: (request) => warm(request, documentsOf(deps), store),
  };
}

/** A verdict, or what has to be read before there is one. */
export interface Attempt {
  readonly verdict?: Verdict;
  readonly lacking: readonly LackOf[];
}

/** The verdict by one snapshot. Synchronous. */
export function attempt(
  reading: Reading,
  snapshot: Snapshot,
  { limits }: { readonly limits: AgeLimits },
): Attempt {
  const { request, readings } = reading;
  const { namespace } = request;
  const mode = request.mode();
  const subjects = mode === "off" ? [] : distinct(request.subjects);
  const softening = softeningOf(mode, namespace, snapshot);
  const judging = softening !== undefined && softening.whole.length > 0 ? "advisory" : mode;
  const examined = subjects.map((subject) =>
    examine(subject, { ...reading, mode: judging, snapshot, limits }),
  );
  const lacks = examined.filter(isLacking).flat();
  if (lacks.length > 0) return { lacking: lacks.map((lack) => ({ ...reading, lack })) };
  const images = examined.filter((each): each is ImageFindings => !isLacking(each));
  const { lacks: unproven, ...waivers } = approvedWaivers(images, snapshot, readings);
  if (unproven.length > 0) return { lacking: unproven.map((lack) => ({ ...reading, lack })) };
  const verdict = decide(images, { mode, namespace, ...waivers, softening, now: snapshot.now });
  return { verdict: rememberBasis(verdict, { namespace, mode, subjects, snapshot, readings }), lacking: [] };
}

/** `container "a", "b", init container "c"`: what kind of place it is, once for those that follow each other. */
function listed(places: readonly string[]): string {
  const kinds = places.map((place) => /^[^"]+(?=")/.exec(place)?.[0]);
  return places
    .map((place, at) => {
      const kind = kinds[at];
      return kind !== undefined && kind === kinds[at - 1] ? place.slice(kind.length) : place;
    })
    .join(", ");
}

/** One subject per image text; its place names all the places, the first four of them. */
function distinct(subjects: readonly Subject[]): Subject[] {
  return [...Map.groupBy(subjects, ({ image }) => image)].map(([image, alike]) => {
    const places = alike.slice(0, MAX_PLACES).map(({ place }) => place);
    const more = alike.length - places.length;
    const place = listed(places) + (more > 0 ? ` and ${more} more` : "");
    const [advice, ...others] = new Set(alike.map((each) => each.advice));
    return { image, place, ...(advice !== undefined && others.length === 0 && { advice }) };
  });
}
