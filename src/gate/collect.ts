import {
  type Attachments,
  type Evidence,
  Fault,
  FAULTS,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  type TrustSnapshot,
} from "../core/index.ts";
import type { GateDeps } from "./ports.ts";
import type { Room } from "./room.ts";

/** What one rule set wants to know about an image. */
export interface EvidenceQuery {
  readonly image: PinnedImage;
  readonly access: PullAccess;
  readonly wantsPredicate: (hint: string | undefined) => boolean;
  /** Predicate types of which the text is kept. */
  readonly predicateTexts: readonly string[];
  /** Equal for queries that want the same predicates, the same of their texts, and all of them or a part. */
  readonly wants: string;
  /** Whether a part of the evidence may do, for now. */
  readonly takesPart: boolean;
}

/** One collection: what for, with which trust material, and the key under which its evidence is kept. */
export interface Collection {
  readonly key: string;
  readonly query: EvidenceQuery;
  readonly trust: TrustSnapshot;
}

/** What a collection takes part in. */
export interface Collecting {
  readonly room: Room;
  /** Called when the registry has given everything; what is left is verification. */
  readonly onFetched: () => void;
}

/** What the registry holds about an image, verified. Throws faults. */
export function collect(
  deps: GateDeps,
  { query, trust }: Collection,
  { room, onFetched }: Collecting,
): Promise<Evidence> {
  const signal = AbortSignal.timeout(deps.limits.collectMs);
  return room.during(signal, async (takeRoom) => {
    const attachments = await fetched(deps, query, { signal, takeRoom });
    if (attachments.rest === undefined) onFetched();
    const at = deps.now();
    const evidence = await verified(deps, attachments, { query, trust, at });
    if (isKeepable(attachments)) deps.memory?.keep(memoryKey(query), attachments, at);
    return evidence;
  });
}

/** Files hold what is whole as far as its registry goes, and small enough to be in memory at once. */
function isKeepable({ gaps, rest }: Attachments): boolean {
  return rest === undefined && !gaps.some(({ code }) => FAULTS[code].retry);
}

interface Fetching {
  readonly signal: AbortSignal;
  readonly takeRoom: (bytes: number) => Promise<void>;
}

async function fetched(
  { registry, observer }: GateDeps,
  { image, access, wantsPredicate, takesPart }: EvidenceQuery,
  { signal, takeRoom }: Fetching,
): Promise<Attachments> {
  let started = performance.now();
  const onListed = (): void => {
    observer.phase("list", (performance.now() - started) / 1000);
    started = performance.now();
  };
  const wanted = { wantsPredicate, usualPlaces: takesPart, onListed, takeRoom };
  const attachments = await registry.attachments(image, access, wanted, signal);
  observer.phase("fetch", (performance.now() - started) / 1000);
  return attachments;
}

/** What was kept of an image, verified anew; nothing where it is older than may be used. */
export async function recall(deps: GateDeps, { query, trust }: Collection): Promise<Evidence | undefined> {
  const kept = await deps.memory?.recall(memoryKey(query));
  if (kept === undefined) return undefined;
  const { attachments, at } = kept;
  const isUsable = Math.abs(deps.now().getTime() - at.getTime()) <= deps.limits.staleLimitMs;
  return isUsable ? verified(deps, attachments, { query, trust, at }) : undefined;
}

interface Verification {
  readonly query: EvidenceQuery;
  readonly trust: TrustSnapshot;
  /** When the attachments were fetched. */
  readonly at: Date;
}

async function verified(
  { verify, observer }: GateDeps,
  attachments: Attachments,
  { query: { image, predicateTexts }, trust, at }: Verification,
): Promise<Evidence> {
  const started = performance.now();
  const evidence = await verify(attachments, trust, at, { predicateTexts });
  observer.phase("verify", (performance.now() - started) / 1000);
  if (evidence.subject !== image.digest) {
    throw new Fault("internal/unexpected", "evidence about another digest was returned");
  }
  return evidence;
}

/** Without the trust generation: what was kept is verified with the material of the day. */
function memoryKey({ image, wants }: EvidenceQuery): string {
  return `${repositoryName(image)}@${image.digest} ${wants}`;
}
