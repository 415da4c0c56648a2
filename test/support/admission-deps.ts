import { type AdmissionDeps, UNVERIFIED_CALLERS } from "../../src/admission/index.ts";
import { createGuard, type GuardDeps } from "../../src/guard/index.ts";

/** A guard without documents, of whom nobody has a right. */
export const NOTHING_GUARDED: GuardDeps = {
  caller: "unverified",
  guarded: [],
  defaultMode: "off",
  may: () => Promise.resolve(false),
  isTerminating: () => false,
  observe: () => undefined,
};

export const UNGUARDED = createGuard(NOTHING_GUARDED);

/** What the admission endpoints need besides a gate: no cluster, no documents to guard, nobody who listens. */
export const NOTHING_BESIDES: Omit<AdmissionDeps, "gate"> = {
  callers: UNVERIFIED_CALLERS,
  modeOf: () => undefined,
  workloads: [],
  guard: UNGUARDED,
  observe: () => undefined,
  inFlight: () => undefined,
  shed: () => undefined,
  observeUnread: () => undefined,
};
