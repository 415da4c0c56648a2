import {
  type AdmissionRequest,
  type AnsweredReview,
  type AnswerGuard,
  type GuardCircumstances,
  pass,
  readHead,
  readPartly,
  refuse,
} from "../admission/index.ts";
import { asFault, Fault, type Mode, MODE_LABEL, type PartPath, withDeadline } from "../core/index.ts";
import { guardDocuments } from "./guard-documents.ts";
import { guardMode } from "./guard-mode.ts";
import { type GuardRecord, unreadRecord } from "./guard-record.ts";
import type { GuardDeps } from "./ports.ts";

const LATE = "the edit could not be judged in time, since the gate is busy; try again";
const TOO_LARGE = "remove all other keys from the ConfigMap first, and then edit or delete it";

/** The guard of the gate's own documents and of the modes of namespaces. */
export function createGuard(deps: GuardDeps): AnswerGuard {
  return async (body, circumstances) => {
    const { unread } = circumstances;
    if (unread === undefined) return await answerInTime(body, circumstances, deps);
    const head = readHead(body);
    const advice = unread.code === "limits/exceeded" ? TOO_LARGE : "try again";
    return head && refuseUnread(head.uid, `${unread.message}; ${advice}`, deps);
  };
}

/** An edit of the gate's own documents is never admitted unread. */
function refuseUnread(uid: string, why: string, { observe, caller }: GuardDeps): AnsweredReview {
  observe(unreadRecord(uid, caller));
  return refuse(uid, why);
}

/** What is judged after that is told to no one: it is not what was answered. */
async function answerInTime(
  body: Uint8Array,
  { configuredDefault, signal }: GuardCircumstances,
  deps: GuardDeps,
): Promise<AnsweredReview | undefined> {
  const observe = (record: GuardRecord): void => {
    if (!signal.aborted) deps.observe(record);
  };
  const head = readHead(body);
  const answer = answerGuard(body, configuredDefault, { ...deps, observe });
  if (head === undefined) return answer;
  try {
    return await withDeadline(signal, answer, () => new Fault("deadline/exceeded", LATE));
  } catch (error) {
    return refuseUnread(head.uid, asFault(error).message, deps);
  }
}

async function answerGuard(
  body: Uint8Array,
  configuredDefault: Mode | undefined,
  deps: GuardDeps,
): Promise<AnsweredReview | undefined> {
  const read = await readPartly(body, partsOf(deps), deps.readPartsElsewhere);
  if (!read.ok) {
    if (read.uid === undefined) return undefined;
    return refuseUnread(read.uid, read.fault.message, deps);
  }
  const { uid } = read.request;
  try {
    return await guarded(read.request, configuredDefault, deps);
  } catch (error) {
    return refuseUnread(uid, asFault(error).message, deps);
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
