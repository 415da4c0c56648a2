import { setTimeout as sleep } from "node:timers/promises";

import { type Attachments, Fault, type Gap } from "../../src/core/index.ts";
import type { EvidenceQuery } from "../../src/gate/evidence/collect.ts";
import type { Found } from "../../src/gate/evidence/collections.ts";
import { createEvidenceStore } from "../../src/gate/evidence/evidence-store.ts";
import { DEFAULT_LIMITS, type GateDeps } from "../../src/gate/index.ts";
import { evidenceWorld, QUERY } from "./evidence-world.ts";

/** A store whose registry says for whom it answered, with files that are kept and can be read by another store. */
export function scopedWorld() {
  const world = evidenceWorld();
  const state = {
    usesSecrets: true,
    wantsCredentials: true,
    isDown: false,
    gaps: [] as readonly Gap[],
    /** Resolves when the registry answers. */
    answers: Promise.resolve(),
  };
  const asked: string[] = [];
  const files = new Map<string, { attachments: Attachments; at: Date; isOpen: boolean }>();
  const attachments: GateDeps["registry"]["attachments"] = async (image, access) => {
    const who = access.namespace ?? "nobody";
    asked.push(who);
    if (state.isDown) throw new Fault("registry/unavailable", "down");
    await state.answers;
    const shown: Gap = { code: "registry/invalid", message: `shown to ${who}`, count: 1 };
    const uses = state.usesSecrets && access.namespace !== undefined;
    const nothing = { subject: image.digest, found: [], skipped: [], searched: [] };
    return {
      ...nothing,
      gaps: [shown, ...state.gaps],
      usedPullSecrets: () => uses,
      wantedCredentials: () => state.wantsCredentials,
    };
  };
  const memory: NonNullable<GateDeps["memory"]> = {
    store: (key, kept, at) => void files.set(key, { attachments: kept, at, isOpen: !state.wantsCredentials }),
    forget: (key) => void files.delete(key),
    load: (key) => Promise.resolve(files.get(key)),
  };
  const deps = { ...world.deps, memory, registry: { ...world.deps.registry, attachments } };
  return { ...world, deps, state, asked, files, store: createEvidenceStore(deps) };
}

/** To whom a registry has shown what was found. */
export function shownIn({ evidence }: Found): string[] {
  return evidence.gaps.map(({ message }) => message);
}

/** How old evidence may be before it is read again. */
export const FRESH = DEFAULT_LIMITS.refreshAfterMs;

/** A query of a namespace's pods with these pull secrets. */
export function by(namespace: string, ...pullSecrets: readonly string[]): EvidenceQuery {
  return { ...QUERY, access: { namespace, serviceAccount: "web", pullSecrets } };
}

/** No secret is used: what is kept apart is kept apart because its registry asked for credentials. */
export function ownWorld() {
  const made = scopedWorld();
  made.state.usesSecrets = false;
  return made;
}

/** Of a namespace with a secret of its own. */
export const SHOP = by("shop", "own");

/** What a store finds whose registry answers later than who asks is patient. */
export async function foundSlowly(
  store: ReturnType<typeof createEvidenceStore>,
  state: { answers: Promise<void> },
  query: EvidenceQuery,
): Promise<Found> {
  const { promise, resolve } = Promise.withResolvers<void>();
  state.answers = promise;
  const finding = store.find(query, FRESH);
  await sleep(30);
  resolve();
  return finding;
}
