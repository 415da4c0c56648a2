import {
  type AttachmentBatch,
  type Attachments,
  type Evidence,
  Fault,
  FAULTS,
  type OwnResources,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  type TrustSnapshot,
} from "../../core/index.ts";
import type { GateDeps, StoredAttachments } from "../ports.ts";
import type { ByteBudget } from "./byte-budget.ts";
import { type KeptEvidence, scopeOf } from "./kept-evidence.ts";
import { withOwnResources } from "./own-resources.ts";
import { Patience } from "./patience.ts";

const THREADS = "the threads that verify its attachments (verify.workers)";

/** What one rule set wants to know about an image. */
export interface EvidenceQuery {
  readonly image: PinnedImage;
  readonly access: PullAccess;
  readonly wantsPredicate: (hint: string | undefined) => boolean;
  /** Predicate types whose text is kept. */
  readonly predicateTexts: readonly string[];
  /** Equal for queries that want the same predicates, the same of their texts, and all of them or a part. */
  readonly wants: string;
  /** Whether a part of the evidence may do, for now. */
  readonly acceptsPartial: boolean;
  /** Whether evidence that is not known may turn a pass into a refusal. */
  readonly needsAllEvidence: boolean;
}

/** One collection: what for, and with which trust material. */
export interface Collection {
  readonly query: EvidenceQuery;
  readonly trust: TrustSnapshot;
}

/** What a collection takes part in. */
export interface Collecting {
  readonly room: ByteBudget;
  /** Paused while the gate itself is waited for. */
  readonly patience: Patience;
  /** Called when the registry has given everything; what is left is verification. */
  readonly onFetched: () => void;
}

/** What the registry holds about an image, verified. Throws faults. */
export async function collect(
  deps: GateDeps,
  { query, trust }: Collection,
  { room, patience, onFetched }: Collecting,
): Promise<Evidence> {
  const { limits } = deps;
  const over = new AbortController();
  const endTime = patience.after(limits.collectMs, () => over.abort());
  try {
    return await withOwnResources({ access: query.access, room, patience, limits }, async (own) => {
      const attachments = await fetched(deps, query, { signal: over.signal, ...own });
      if (attachments.rest === undefined) onFetched();
      const at = deps.now();
      const evidence = await verified(deps, attachments, { query, trust, at, patience });
      const isSignedIn = askedForCredentials(attachments);
      const isPrivate = isForAskerAlone(query, attachments);
      const key = isPrivate ? privateMemoryKey(query) : memoryKey(query);
      if (isSignedIn && query.needsAllEvidence) deps.memory?.forget(memoryKey(query)); // it was open, and is not
      if (isKeepable(attachments)) deps.memory?.store(key, attachments, at);
      return { ...evidence, ...(isPrivate && { isPrivate }), ...(isSignedIn && { isSignedIn }) };
    });
  } finally {
    endTime();
  }
}

/** Whether no one else's image is judged by them: a workload's own secret was tried, or others may be shown more. */
function isForAskerAlone({ needsAllEvidence }: EvidenceQuery, attachments: Attachments): boolean {
  if (attachments.usedPullSecrets?.() === true) return true;
  return needsAllEvidence && askedForCredentials(attachments);
}

/** What is not known to be shown to everyone alike may be more than others are shown, or less. */
function askedForCredentials({ wantedCredentials }: Attachments): boolean {
  return wantedCredentials?.() !== false;
}

/** Files hold what is whole as far as its registry goes, and small enough to be in memory at once. */
function isKeepable({ gaps, rest }: Attachments): boolean {
  return rest === undefined && !gaps.some(({ code }) => FAULTS[code].retry);
}

interface Fetching extends OwnResources {
  readonly signal: AbortSignal;
}

async function fetched(
  { registry, observer }: GateDeps,
  { image, access, wantsPredicate, acceptsPartial }: EvidenceQuery,
  { signal, ...own }: Fetching,
): Promise<Attachments> {
  let started = performance.now();
  const onListed = (): void => {
    observer.phase("list", (performance.now() - started) / 1000);
    started = performance.now();
  };
  const wanted = { wantsPredicate, likelyLocations: acceptsPartial, onListed, ...own };
  const attachments = await registry.attachments(image, access, wanted, signal);
  observer.phase("fetch", (performance.now() - started) / 1000);
  return attachments;
}

/** What was kept of an image, verified again; nothing where it is older than may be used. `kept` says what counts. */
export async function loadStored(
  deps: GateDeps,
  collection: Collection,
  kept: Pick<KeptEvidence, "isStillOpen">,
): Promise<Evidence | undefined> {
  const { query, trust } = collection;
  const { now, limits, memory } = deps;
  const [own, everyones] = await Promise.all([
    memory?.load(privateMemoryKey(query)),
    memory?.load(memoryKey(query)),
  ]);
  const isOpen = everyones?.isOpen === true && kept.isStillOpen(collection, everyones.at);
  const stored = newest(
    [
      own && { ...own, isPrivate: true, isSignedIn: true },
      everyones && { ...everyones, isPrivate: false, isSignedIn: !isOpen },
    ]
      .filter((each) => each !== undefined)
      .filter(({ at }) => Math.abs(now().getTime() - at.getTime()) <= limits.staleLimitMs)
      .filter(({ isPrivate, isSignedIn }) => isPrivate || !isSignedIn || !query.needsAllEvidence),
  );
  if (stored === undefined) return undefined;
  const { attachments, at, isPrivate, isSignedIn } = stored;
  const evidence = await verified(deps, attachments, { query, trust, at, patience: new Patience() });
  return { ...evidence, ...(isSignedIn && { isSignedIn }), ...(isPrivate && { isPrivate }) };
}

interface ScopedAttachments extends StoredAttachments {
  /** Whether they are for those alone who name the same pull secrets. */
  readonly isPrivate: boolean;
  /** Whether others may be shown more. */
  readonly isSignedIn: boolean;
}

/** Of what was shown to who asks and of what everyone is shown, the newer; of two as old, the former. */
function newest(stored: readonly ScopedAttachments[]): ScopedAttachments | undefined {
  return stored.toSorted((one, other) => other.at.getTime() - one.at.getTime())[0];
}

interface Verification {
  readonly query: EvidenceQuery;
  readonly trust: TrustSnapshot;
  /** When the attachments were fetched. */
  readonly at: Date;
  readonly patience: Patience;
}

async function verified(
  { verify, observer }: GateDeps,
  attachments: Attachments,
  { query: { image, access, predicateTexts }, trust, at, patience }: Verification,
): Promise<Evidence> {
  const started = performance.now();
  const evidence = await pausedBetweenReads(attachments, patience, (paused) =>
    verify(paused, trust, at, { predicateTexts, share: access.namespace ?? "" }),
  );
  observer.phase("verify", (performance.now() - started) / 1000);
  if (evidence.subject !== image.digest) {
    throw new Fault("internal/unexpected", "evidence about another digest was returned");
  }
  return evidence;
}

/** Does the gate's own work on attachments. While it reads the rest of them, it is the registry that is waited for. */
async function pausedBetweenReads<T>(
  attachments: Attachments,
  patience: Patience,
  work: (attachments: Attachments) => Promise<T>,
): Promise<T> {
  let resume = patience.pause(THREADS);
  async function* asked(rest: AsyncIterable<AttachmentBatch>): AsyncGenerator<AttachmentBatch> {
    resume();
    for await (const batch of rest) {
      resume = patience.pause(THREADS);
      yield batch;
      resume();
    }
    resume = patience.pause(THREADS);
  }
  const { rest } = attachments;
  try {
    return await work(rest === undefined ? attachments : { ...attachments, rest: asked(rest) });
  } finally {
    resume();
  }
}

/** Without the trust generation: what was kept is verified with the material of the day. */
function memoryKey({ image, wants }: EvidenceQuery): string {
  return `${repositoryName(image)}@${image.digest} ${wants}`;
}

function privateMemoryKey(query: EvidenceQuery): string {
  return `${memoryKey(query)} ${scopeOf(query.access)}`;
}
