import { createHash } from "node:crypto";

import { canonicalJson, createBoundedMap, withDeadline } from "../../core/index.ts";
import { lateFault } from "../../gate/index.ts";
import type { SyncMeter, TargetDeps } from "../ports.ts";
import { readTarget, type ReadTargetDeps, type TargetRequest } from "./read-target.ts";
import { RenderTurns } from "./render-turns.ts";
import type { Target } from "./target.ts";

const MAX_KEPT = 256;
/** Of these, Applications of one project render 24 at most, so that one whose renders hang leaves room for others. */
const RENDERS = { running: 64, waiting: 1024 };
const LIFE_MS = 5 * 60_000;
const MAX_READ_MS = 120_000;

/** Targets, each rendered once for all who ask at the same time, and kept for five minutes where its revisions are fixed. */
export interface TargetStore {
  /**
   * Rejects with Fault deadline/exceeded when the signal aborts first; the reading continues, so that the next question
   * finds it done.
   */
  readonly find: (request: TargetRequest, signal: AbortSignal) => Promise<Target>;
}

export interface TargetStoreDeps extends ReadTargetDeps, Pick<TargetDeps, "now"> {
  readonly observe: SyncMeter["target"];
  /** Told how many targets wait to be rendered. */
  readonly waiting: SyncMeter["waitingTargets"];
}

interface Kept {
  readonly reading: Promise<Target>;
  readonly since: number;
}

export function createTargetStore(deps: TargetStoreDeps): TargetStore {
  const { now, observe } = deps;
  const kept = createBoundedMap<Kept>(MAX_KEPT);
  const turns = new RenderTurns(RENDERS, deps.waiting);
  const begin = async (request: TargetRequest, waits?: AbortSignal): Promise<Target> => {
    try {
      const target = await readInTurn(request, { ...deps, turns, waits });
      observe("rendered");
      return target;
    } catch (error) {
      observe("failed");
      throw error;
    }
  };
  const shared = (request: TargetRequest, signal: AbortSignal): Promise<Target> => {
    const key = keyOf(request);
    if (key === undefined) return begin(request, signal);
    const known = kept.get(key);
    if (known !== undefined && now().getTime() - known.since < LIFE_MS) {
      observe("stored");
      return known.reading;
    }
    const reading = begin(request);
    kept.set(key, { reading, since: now().getTime() });
    reading.catch(() => {
      if (kept.get(key)?.reading === reading) kept.delete(key);
    });
    return reading;
  };
  return {
    find: (request, signal) =>
      withDeadline(signal, shared(request, signal), () => lateFault("rendering the target")),
  };
}

interface InTurn extends TargetStoreDeps {
  readonly turns: RenderTurns;
  readonly waits: AbortSignal | undefined;
}

/** Manifests that an operation brings along take no turn: Argo CD is not asked. */
function readInTurn(request: TargetRequest, { turns, waits, ...deps }: InTurn): Promise<Target> {
  const read = (): Promise<Target> => readTarget(request, deps, AbortSignal.timeout(MAX_READ_MS));
  return request.wanted.kind === "inline" ? read() : turns.run(shareOf(request.application), read, waits);
}

/** Anyone who may write Applications of a project in a namespace shares the turns for these. */
function shareOf({ metadata, spec }: TargetRequest["application"]): string {
  return JSON.stringify([metadata.namespace, spec.project ?? ""]);
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
