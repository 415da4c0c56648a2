import { asFault } from "../core/index.ts";
import { guardMode } from "./guard-mode.ts";
import { unreadRecord } from "./guard-record.ts";
import { guardDocuments } from "./guard.ts";
import type { AdmissionDeps } from "./ports.ts";
import { type AnsweredReview, pass, refuse } from "./response.ts";
import { type AdmissionRequest, readReview } from "./review.ts";

/** The guard's answer to a review, and nothing where not even a uid could be read. Never rejects. */
export async function answerGuard(
  body: Uint8Array,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  const read = readReview(body);
  if (!read.ok) {
    if (read.uid === undefined) return undefined;
    deps.observeGuard(unreadRecord(read.uid, deps.callers.proof));
    return refuse(read.uid, read.fault.message);
  }
  const { uid } = read.request;
  try {
    return await guarded(read.request, deps);
  } catch (error) {
    deps.observeGuard(unreadRecord(uid, deps.callers.proof));
    return refuse(uid, asFault(error).message);
  }
}

async function guarded(request: AdmissionRequest, deps: AdmissionDeps): Promise<AnsweredReview> {
  const { uid, kind, operation } = request;
  if (kind.group !== "" || operation === "CONNECT") return pass(uid);
  if (kind.kind === "ConfigMap") return guardDocuments(request, deps);
  // The mode of a namespace goes with it.
  return kind.kind === "Namespace" && operation !== "DELETE" ? guardMode(request, deps) : pass(uid);
}
