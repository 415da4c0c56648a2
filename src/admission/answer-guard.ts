import { asFault, MODE_LABEL, type PartPath } from "../core/index.ts";
import { guardMode } from "./guard-mode.ts";
import { unreadRecord } from "./guard-record.ts";
import { guardDocuments } from "./guard.ts";
import type { AdmissionDeps } from "./ports.ts";
import { type AnsweredReview, pass, refuse } from "./response.ts";
import { readPartly } from "./review-parts.ts";
import type { AdmissionRequest } from "./review.ts";

/** The guard's answer to a review, and nothing where not even a uid could be read. Never rejects. */
export async function answerGuard(
  body: Uint8Array,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  const read = await readPartly(body, partsOf(deps), deps.readPartsElsewhere);
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

/** What is looked at in a ConfigMap and in a namespace. */
function partsOf({ guarded: documents }: AdmissionDeps): PartPath[] {
  const texts = documents.map(({ key }) => ["data", key]);
  return [["metadata", "name"], ["metadata", "labels", MODE_LABEL], ["immutable"], ...texts];
}

async function guarded(request: AdmissionRequest, deps: AdmissionDeps): Promise<AnsweredReview> {
  const { uid, kind, operation } = request;
  if (kind.group !== "" || operation === "CONNECT") return pass(uid);
  if (kind.kind === "ConfigMap") return guardDocuments(request, deps);
  // The mode of a namespace goes with it.
  return kind.kind === "Namespace" && operation !== "DELETE" ? guardMode(request, deps) : pass(uid);
}
