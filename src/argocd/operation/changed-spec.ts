import { isDeepStrictEqual } from "node:util";

import type { AdmissionRequest } from "../../admission/index.ts";
import { Fault } from "../../core/index.ts";
import { type Application, readApplication, type SyncOperation } from "../application.ts";
import { isInline, namesSources, renderedParts } from "../target/wanted-target.ts";
import type { PendingSync, TouchedParts } from "./pending-syncs.ts";

/** A change of an Application's spec. */
export interface SpecChange {
  readonly request: Pick<AdmissionRequest, "oldObject">;
  readonly application: Application;
  readonly touched: TouchedParts;
}

/**
 * The syncs for which a change of the spec counts; all of them where more than the spec changes. Argo CD renders the spec
 * that it has stored, which is the one before the change: that must not be judged as what the new one comes to. Throws
 * Fault target/changing where one of these syncs would take its sources from the new one.
 */
export function underChangedSpec(
  syncs: readonly PendingSync[],
  { request, application, touched }: SpecChange,
): PendingSync[] {
  const old = oldSpec(request);
  const isAll = touched.operation || touched.state;
  const counting = syncs.filter(({ sync }) => isAll || countsFor(sync, old, application.spec));
  const rendersNew =
    old === undefined || !isDeepStrictEqual(renderedParts(old), renderedParts(application.spec));
  if (rendersNew && counting.some(({ sync }) => !isInline(sync)))
    throw new Fault("target/changing", isAll ? TOGETHER : UNDER_WAY);
  return counting;
}

const TOGETHER = "the spec and the operation change together, and Argo CD can only render the old spec";
const UNDER_WAY =
  "a sync that takes its sources from the spec waits or runs, and Argo CD can only render the old spec; let it end, or end it with `argocd app terminate-op`";

/** What an operation names itself, it keeps; where it goes is the spec's alone. */
function countsFor(
  sync: SyncOperation,
  old: Application["spec"] | undefined,
  spec: Application["spec"],
): boolean {
  const differ = (...keys: readonly (keyof Application["spec"])[]): boolean =>
    keys.some((key) => !isDeepStrictEqual(old?.[key], spec[key]));
  if (differ("destination", "project")) return true;
  return !isInline(sync) && !namesSources(sync) && differ("source", "sources", "sourceHydrator");
}

function oldSpec({ oldObject }: SpecChange["request"]): Application["spec"] | undefined {
  return oldObject === undefined || oldObject === null ? undefined : readApplication(oldObject).spec;
}
