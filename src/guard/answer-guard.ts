import {
  type AdmissionRequest,
  type AnsweredReview,
  type AnswerGuard,
  pass,
  readPartly,
  refuse,
} from "../admission/index.ts";
import { asFault, type Mode, MODE_LABEL, type PartPath } from "../core/index.ts";
import { guardDocuments } from "./guard-documents.ts";
import { guardMode } from "./guard-mode.ts";
import { unreadRecord } from "./guard-record.ts";
import type { GuardDeps } from "./ports.ts";

/** The guard of the gate's own documents and of the modes of namespaces. */
export function createGuard(deps: GuardDeps): AnswerGuard {
  return (body, configuredDefault) => answerGuard(body, configuredDefault, deps);
}

async function answerGuard(
  body: Uint8Array,
  configuredDefault: Mode | undefined,
  deps: GuardDeps,
): Promise<AnsweredReview | undefined> {
  const read = await readPartly(body, partsOf(deps), deps.readPartsElsewhere);
  if (!read.ok) {
    if (read.uid === undefined) return undefined;
    deps.observe(unreadRecord(read.uid, deps.caller));
    return refuse(read.uid, read.fault.message);
  }
  const { uid } = read.request;
  try {
    return await guarded(read.request, configuredDefault, deps);
  } catch (error) {
    deps.observe(unreadRecord(uid, deps.caller));
    return refuse(uid, asFault(error).message);
  }
}

/** What is checked in a ConfigMap and in a namespace. */
function partsOf({ guarded: documents }: GuardDeps): PartPath[] {
  const texts = documents.map(({ key }) => ["data", key]);
  return [["metadata", "name"], ["metadata", "labels", MODE_LABEL], ["immutable"], ...texts];
}

async function guarded(
  request: AdmissionRequest,
  configuredDefault: Mode | undefined,
  deps: GuardDeps,
): Promise<AnsweredReview> {
  const { uid, kind, operation } = request;
  if (kind.group !== "" || operation === "CONNECT") return pass(uid);
  if (kind.kind === "ConfigMap") return guardDocuments(request, deps);
  // The mode of a namespace goes with it.
  return kind.kind === "Namespace" && operation !== "DELETE"
    ? guardMode(request, deps, configuredDefault)
    : pass(uid);
}
