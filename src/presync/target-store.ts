import { createHash } from "node:crypto";

import { canonicalJson, Fault } from "../core/index.ts";
import { before } from "../gate/index.ts";
import type { SyncMeter, TargetDeps } from "./ports.ts";
import { readTarget, type ReadTargetDeps, type TargetRequest } from "./read-target.ts";
import type { Target } from "./target.ts";

const MOST_KEPT = 256;
const MOST_UNDER_WAY = 32;
const LIFE_MS = 5 * 60_000;
const LONGEST_READ_MS = 120_000;

/** Targets, each rendered once for all who ask at the same time, and kept for five minutes where its revisions are fixed. */
export interface TargetStore {
  /**
   * Rejects with Fault deadline/exceeded when the signal aborts first; the reading goes on, so that the next question
   * finds it done.
   */
  readonly find: (request: TargetRequest, signal: AbortSignal) => Promise<Target>;
}

/** What a store is made of. */
export interface TargetStoreDeps extends ReadTargetDeps, Pick<TargetDeps, "now"> {
  readonly observe: SyncMeter["target"];
}

interface Kept {
  readonly reading: Promise<Target>;
  readonly since: number;
}

/** An empty store. */
export function createTargetStore(deps: TargetStoreDeps): TargetStore {
  const { now, observe } = deps;
  const kept = new Map<string, Kept>();
  let underWay = 0;
  const begin = async (request: TargetRequest): Promise<Target> => {
    if (underWay >= MOST_UNDER_WAY)
      throw new Fault("target/unavailable", `${MOST_UNDER_WAY} targets are being read already`);
    underWay += 1;
    try {
      const target = await readTarget(request, deps, AbortSignal.timeout(LONGEST_READ_MS));
      observe("rendered");
      return target;
    } catch (error) {
      observe("failed");
      throw error;
    } finally {
      underWay -= 1;
    }
  };
  const shared = (request: TargetRequest): Promise<Target> => {
    const key = keyOf(request);
    if (key === undefined) return begin(request);
    const known = kept.get(key);
    if (known !== undefined && now().getTime() - known.since < LIFE_MS) {
      observe("stored");
      return known.reading;
    }
    const reading = begin(request);
    kept.delete(key);
    kept.set(key, { reading, since: now().getTime() });
    reading.catch(() => {
      if (kept.get(key)?.reading === reading) kept.delete(key);
    });
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
    return reading;
  };
  return {
    find: (request, signal) => before(signal, shared(request), "rendering the target"),
  };
}

/**
 * Nothing for what may read otherwise the next time: manifests out of an operation, and revisions that move. The order of
 * keys does not matter: the API server and Argo CD write an Application in different ones.
 */
function keyOf({ argoCd, application: { metadata, spec }, wanted }: TargetRequest): string | undefined {
  if (wanted.kind === "inline" || wanted.moving.length > 0) return undefined;
  const { namespace, name } = metadata;
  const { installationId = "" } = argoCd;
  const text = canonicalJson([argoCd.namespace, installationId, namespace, name, spec, wanted]);
  return createHash("sha256").update(text).digest("hex");
}
