import { createHash } from "node:crypto";

import { LRUCache } from "lru-cache";

import { type Evidence, type PullAccess, repositoryName } from "../../core/index.ts";
import type { GateLimits } from "../ports.ts";
import type { Collection } from "./collect.ts";
import { weightOf } from "./evidence-weight.ts";

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
  /** When evidence that belongs to everyone was read with the credentials of anyone who has this private key. */
  readonly #readers: LRUCache<string, Date>;

  constructor({ cacheEntries, cacheFacts }: Pick<GateLimits, "cacheEntries" | "cacheFacts">) {
    this.#readers = new LRUCache({ max: cacheEntries });
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

  /** What was read with the pull secrets of who asks, or else with none of a workload's. */
  get(collection: Collection): Evidence | undefined {
    const own = this.#private > 0 ? this.#entries.get(privateKey(collection)) : undefined;
    return own ?? this.#entries.get(publicKey(collection));
  }

  /** Keeps what a registry has shown to who asks, where those find it whom it is for. */
  set(collection: Collection, evidence: Evidence): void {
    this.restore(collection, evidence);
    if (!evidence.isPrivate && evidence.isSignedIn)
      this.#readers.set(privateKey(collection), evidence.collectedAt);
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

  /**
   * Whether evidence is all that its registry shows to who asks: it asks no one for credentials, or has shown them the
   * same since then. What it shows to others may lack what makes an image good.
   */
  isOwn(collection: Collection, { isPrivate, isSignedIn }: Evidence, since: number): boolean {
    if (isPrivate || !isSignedIn) return true;
    return (this.#readers.get(privateKey(collection))?.getTime() ?? Number.NEGATIVE_INFINITY) >= since;
  }

  clear(): void {
    this.#entries.clear();
    this.#readers.clear();
  }
}

/** Equal for workloads of one namespace that name the same pull secrets, themselves and by their service account. */
export function scopeOf({ namespace, serviceAccount, pullSecrets }: PullAccess): string {
  const names = JSON.stringify([namespace, serviceAccount, pullSecrets]);
  return createHash("sha256").update(names).digest("base64url");
}

function publicKey({ query: { image, wants }, trust: { generation } }: Collection): string {
  return `${repositoryName(image)}@${image.digest} ${generation} ${wants}`;
}

function privateKey(collection: Collection): string {
  return `${publicKey(collection)} ${scopeOf(collection.query.access)}`;
}
