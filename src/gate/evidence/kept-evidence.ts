import { createHash } from "node:crypto";

import { LRUCache } from "lru-cache";

import { type Evidence, type PullAccess, repositoryName } from "../../core/index.ts";
import type { GateLimits } from "../ports.ts";
import type { Collection } from "./collect.ts";
import { weightOf } from "./evidence-weight.ts";

/** Readings with someone's credentials that another one has replaced are wanted for seconds: a part of what is kept does. */
const READINGS_PART = 10;

/**
 * Evidence in memory. Its key holds the repository too: a digest that is signed in one repository may be unsigned in
 * another. What a registry shows to a workload's own pull secrets is kept apart, for those who name the same secrets,
 * and so is whatever it shows after it asked for credentials, where something newer can turn a verdict: no one's image is
 * judged by what someone else was shown.
 */
export class KeptEvidence {
  readonly #entries: LRUCache<string, Evidence>;
  /** How many of them are for those alone who name the same pull secrets. */
  #private = 0;
  /** What belongs to everyone and was read with the credentials of anyone who has this private key. */
  readonly #readings: LRUCache<string, Evidence>;
  /** When a registry was last seen to ask for credentials, ms. */
  readonly #askedAt: LRUCache<string, number>;

  constructor({ cacheEntries, cacheFacts }: Pick<GateLimits, "cacheEntries" | "cacheFacts">) {
    this.#readings = new LRUCache({
      max: cacheEntries,
      maxSize: Math.ceil(cacheFacts / READINGS_PART),
      sizeCalculation: weightOf,
    });
    this.#askedAt = new LRUCache({ max: cacheEntries });
    this.#entries = new LRUCache({
      max: cacheEntries,
      maxSize: cacheFacts,
      sizeCalculation: weightOf,
      onInsert: ({ isPrivate }, _key, reason) => {
        if (isPrivate && reason !== "update") this.#private += 1;
      },
      dispose: ({ isPrivate }) => {
        if (isPrivate) this.#private -= 1;
      },
    });
  }

  /**
   * What was read with the pull secrets of who asks, or else with none of a workload's; by rules that something newer can
   * turn, the newer of the two, and the latter only where its registry has asked no one for credentials since.
   */
  get(collection: Collection): Evidence | undefined {
    const own = this.#private > 0 ? this.#entries.get(privateKey(collection)) : undefined;
    const { needsAllEvidence } = collection.query;
    if (own !== undefined && !needsAllEvidence) return own;
    const shared = this.#entries.get(publicKey(collection));
    if (shared === undefined || (needsAllEvidence && !this.#isOpen(collection, shared))) return own;
    return own !== undefined && own.collectedAt >= shared.collectedAt ? own : shared;
  }

  /** Keeps what a registry has shown to who asks, where those find it whom it is for. */
  set(collection: Collection, evidence: Evidence): void {
    this.restore(collection, evidence);
    if (!evidence.isPrivate && evidence.isSignedIn) this.#readings.set(privateKey(collection), evidence);
  }

  /** Keeps what was read back from files in the same way; it may have been shown to someone else. */
  restore(collection: Collection, evidence: Evidence): void {
    if (evidence.isPrivate) {
      this.#entries.set(privateKey(collection), evidence);
      return;
    }
    if (this.#private > 0) this.#entries.delete(privateKey(collection));
    this.#entries.set(publicKey(collection), evidence);
  }

  /** Notes when a registry has asked for credentials: what it showed before, while it asked no one, is not open. */
  learn({ query: { image } }: Collection, askedAt: Date): void {
    const before = this.#askedAt.get(image.registry) ?? Number.NEGATIVE_INFINITY;
    this.#askedAt.set(image.registry, Math.max(before, askedAt.getTime())); // a look-up may end after a later one
  }

  /** Whether what a registry has shown then, asking no one for credentials, is still shown to everyone alike. */
  isStillOpen({ query: { image } }: Collection, at: Date): boolean {
    return at.getTime() > (this.#askedAt.get(image.registry) ?? Number.NEGATIVE_INFINITY);
  }

  /**
   * All that its registry shows to who asks: the evidence that was found, where it asks no one for credentials, or else what
   * it has shown to them, if that is recent. What it shows to others may lack what makes an image good.
   */
  ownOf(
    collection: Collection,
    found: Evidence,
    isRecent: (evidence: Evidence) => boolean,
  ): Evidence | undefined {
    if (found.isPrivate || this.#isOpen(collection, found)) return found;
    const own = this.#readings.get(privateKey(collection));
    return own !== undefined && isRecent(own) ? own : undefined;
  }

  clear(): void {
    this.#entries.clear();
    this.#readings.clear();
  }

  #isOpen(collection: Collection, { isSignedIn, collectedAt }: Evidence): boolean {
    return isSignedIn !== true && this.isStillOpen(collection, collectedAt);
  }
}

/**
 * Equal for workloads of one namespace that name the same pull secrets, themselves and by their service account. What is
 * absent is what its reader takes for it.
 */
export function scopeOf({ namespace, serviceAccount = "default", pullSecrets = [] }: PullAccess): string {
  const names = JSON.stringify(namespace === undefined ? [] : [namespace, serviceAccount, pullSecrets]);
  return createHash("sha256").update(names).digest("base64url");
}

function publicKey({ query: { image, wants }, trust: { generation } }: Collection): string {
  return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;
}

function privateKey(collection: Collection): string {
  return `${publicKey(collection)} ${scopeOf(collection.query.access)}`;
}
