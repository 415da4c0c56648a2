import type { GateLimits } from "../ports.ts";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const KIB = 1024;

/** Bounds that fit a cluster of some thousand distinct images. */
export const DEFAULT_LIMITS: GateLimits = {
  cacheEntries: 10_000,
  cacheFacts: 500_000,
  refreshAfterMs: 15 * MINUTE,
  staleLimitMs: 24 * 60 * MINUTE,
  recheckAfterMs: 3 * SECOND,
  patienceMs: SECOND,
  retryAfterMs: 5 * SECOND,
  collectMs: 60 * SECOND,
  collections: { running: 128, ofHost: 64, waiting: 512, silentAfterMs: 5 * SECOND, silent: 8 },
  room: { atOnce: 8 * KIB * KIB, always: 256 * KIB },
};
