import { type AdmissionDeps, UNVERIFIED_CALLERS } from "../../src/admission/index.ts";

/** What the admission endpoints need besides a gate: no cluster, no documents to guard, nobody who listens. */
export const NOTHING_BESIDES: Omit<AdmissionDeps, "gate"> = {
  callers: UNVERIFIED_CALLERS,
  modeOf: () => undefined,
  workloads: [],
  guarded: [],
  defaultMode: "off",
  may: () => Promise.resolve(false),
  isTerminating: () => false,
  observeGuard: () => undefined,
  observe: () => undefined,
  inFlight: () => undefined,
  shed: () => undefined,
};
