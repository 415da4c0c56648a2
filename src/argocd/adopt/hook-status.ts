import { namingOf, sourcesOf } from "./hook.ts";
import { isExempt, keyOf, type SurveyOptions } from "./identity.ts";
import { type LastSync, lastSyncOf, namedLastSync } from "./last-sync.ts";
import type { Application } from "./objects.ts";

/** What is known of the hook of one Application, or of all those that an ApplicationSet makes. */
export interface HookStatus {
  /** `unknown`: the object does not say, and its repository may bring the hook. `cannot`: it could not run there. */
  readonly hook: "yes" | "no" | "unknown" | "cannot" | "exempt";
  /** What brings it: a source, a component, or its own repository, as the last sync shows. */
  readonly by?: "source" | "component" | "repository";
  readonly lastSync: LastSync;
  /** What else a reader must know: clauses. */
  readonly notes: readonly string[];
}

/** What was asked, and what a cluster reports about Applications, by namespace and name. */
export interface Context extends SurveyOptions {
  readonly statuses: ReadonlyMap<string, Application["status"]>;
}

/** It needs no hook. */
export const EXEMPT: HookStatus = { hook: "exempt", lastSync: "unknown", notes: [] };
/** Nothing tells. */
export const UNKNOWN: HookStatus = { hook: "unknown", lastSync: "unknown", notes: [] };

/** What is known of one Application by itself. */
export function hookStatusOf(object: Application, context: Context): HookStatus {
  if (isExempt(object, context)) return EXEMPT;
  const state = context.statuses.get(keyOf(object, context))?.operationState;
  const lastSync = lastSyncOf(state);
  const named = namedHookStatus(object.spec, lastSync, context);
  if (named !== undefined) return named;
  if (lastSync === "did-not-run") return { hook: "no", lastSync, notes: [] };
  if (lastSync === "unknown") return UNKNOWN;
  if (!namedLastSync(state, context.hook)) return { hook: "yes", by: "repository", lastSync, notes: [] };
  return { hook: "no", lastSync, notes: ["it was named in the last sync, but no longer is"] };
}

/** What a spec says of the hook; undefined where it does not name it. A component that may be left out brings nothing for sure. */
export function namedHookStatus(
  spec: Application["spec"],
  lastSync: LastSync,
  { hook }: SurveyOptions,
): HookStatus | undefined {
  const naming = namingOf(sourcesOf(spec), hook);
  if (naming === undefined) return undefined;
  const { by, doubt, isUnsure } = naming;
  return { hook: isUnsure ? "unknown" : "yes", by, lastSync, notes: doubt === undefined ? [] : [doubt] };
}
