import { asFault, Fault, type TrustSnapshot } from "../core/index.ts";
import { type Enforcement, NO_SWITCHES, type Switch, switchesAt } from "../enforcement/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import type { WaiverRegistry } from "../waivers/index.ts";
import type { GateDeps } from "./ports.ts";

/** The documents without which nothing is decided. */
export interface Documents {
  readonly policy: Policy;
  readonly revocations: Revocations;
}

/**
 * Everything in addition to evidence that a verdict depends on, read in one go after all waiting: a verdict never mixes
 * two policies, two lists of revocations or two instants.
 */
export interface Snapshot {
  /** A fault where one of them is not loaded. */
  readonly documents: Documents | Fault;
  /** The list alone, also where there is no policy; undefined where none is loaded. */
  readonly revocations: Revocations | undefined;
  readonly waivers: WaiverRegistry;
  readonly enforcement: Enforcement;
  /** The switches in force at `now`. */
  readonly switches: readonly Switch[];
  /** A fault where nothing usable is loaded. It concerns only what needs evidence. */
  readonly trust: TrustSnapshot | Fault;
  readonly now: Date;
}

/** What a snapshot is taken of. */
export type SnapshotDeps = Pick<
  GateDeps,
  "now" | "policy" | "waivers" | "revocations" | "enforcement" | "trust"
>;

/** Reads the snapshot of this moment. Throws what reading the waivers or the clock throws. */
export function takeSnapshot(deps: SnapshotDeps): Snapshot {
  const now = deps.now();
  const enforcement = deps.enforcement?.() ?? NO_SWITCHES;
  return {
    documents: documentsOf(deps),
    revocations: deps.revocations(),
    waivers: deps.waivers(),
    enforcement,
    switches: switchesAt(enforcement, now),
    trust: trustOf(deps),
    now,
  };
}

/** The documents of this moment. */
export function documentsOf(deps: Pick<GateDeps, "policy" | "revocations">): Documents | Fault {
  const [policy, revocations] = [deps.policy(), deps.revocations()];
  if (policy === undefined) return new Fault("policy/unavailable", "no valid policy is loaded");
  if (revocations === undefined)
    return new Fault("revocation/unavailable", "no valid list of revocations is loaded");
  return { policy, revocations };
}

function trustOf({ trust }: Pick<GateDeps, "trust">): TrustSnapshot | Fault {
  try {
    return trust();
  } catch (error) {
    return asFault(error);
  }
}
