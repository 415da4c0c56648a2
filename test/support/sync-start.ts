import { anApplication, type PresyncWorld, SHA } from "./presync-world.ts";
import { aReview } from "./review.ts";

/** The user by whom Argo CD's controller writes. */
export const CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller";
/** The source of the Application that is synced. */
export const SOURCE = { repoURL: "https://git.example/shop", path: ".", targetRevision: "main" };

/** What a test says about the change of an Application; the rest starts an ordinary sync of all of it. */
export interface SyncStart {
  readonly spec?: object;
  /** Goes into the operation's own sync; `operation` stands for all of it, and null for none. */
  readonly sync?: object;
  readonly operation?: object | null;
  readonly metadata?: object;
  readonly status?: object;
  /** What was different before the change. */
  readonly old?: object;
  /** What Argo CD has cached in the place of the Application before the change. */
  readonly cached?: object;
  readonly subResource?: string;
  readonly user?: string;
  readonly kind?: string;
  readonly dryRun?: boolean;
  readonly timeout?: string;
}

/** What the API server is answered. */
export interface SyncStartAnswer {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
  readonly warnings?: readonly string[];
}

/** An Application of which no operation is in progress. */
export function idleApplication(): Record<string, object> {
  return { ...(anApplication() as Record<string, object>), status: {} };
}

/** The change of an Application, as the API server asks about it. */
function syncReview(change: SyncStart = {}): { readonly request: Record<string, object> } {
  const { user = CONTROLLER, kind = "Application", subResource, dryRun } = change;
  const { object, oldObject } = changedApplication(change);
  const review = aReview({
    uid: "u-1",
    namespace: "argocd",
    operation: "UPDATE",
    kind: { group: "argoproj.io", version: "v1alpha1", kind },
    ...(subResource !== undefined && { subResource }),
    ...(dryRun !== undefined && { dryRun }),
    object,
    oldObject,
  }) as { request: Record<string, object> };
  return { ...review, request: { ...review.request, userInfo: { username: user } } };
}

/** Asks the operation gate about a change, while Argo CD has cached what was there before it. */
export async function startSync(
  { app, argo }: PresyncWorld,
  change: SyncStart = {},
): Promise<SyncStartAnswer> {
  const { oldObject } = changedApplication(change);
  argo.applications.set("argocd/web", change.cached ?? oldObject);
  const answer = await app.inject({
    method: "POST",
    url: `/validate/operation?timeout=${change.timeout ?? "10s"}`,
    headers: { "content-type": "application/json" },
    payload: JSON.stringify(syncReview(change)),
  });
  return answer.json<{ response: SyncStartAnswer }>().response;
}

function changedApplication({ spec, sync, operation, metadata, status = {}, old }: SyncStart) {
  const base = idleApplication();
  const object: Record<string, object> = { ...base, spec: { ...base["spec"], ...spec } };
  const started = operation === undefined ? { sync: { revision: SHA, source: SOURCE, ...sync } } : operation;
  const changed = { ...object["metadata"], ...metadata };
  return {
    object: { ...object, metadata: changed, operation: started, status },
    oldObject: { ...object, ...old },
  };
}
