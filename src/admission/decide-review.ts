import { asFault, type Fault, type Mode, printable, stricterMode, type Verdict } from "../core/index.ts";
import { newImages } from "./change.ts";
import { thinkingTime } from "./deadline.ts";
import type { AdmissionDeps } from "./ports.ts";
import { type AnsweredReview, pass, respond } from "./response.ts";
import { type AdmissionRequest, readReview } from "./review.ts";

/** The two webhooks that the API server chooses between by the namespace's label. */
export type PathMode = "enforce" | "advisory";

/** What a review is answered in: its webhook, and how long the API server waits. */
export interface Circumstances {
  readonly pathMode: PathMode;
  readonly timeout: unknown;
}

/** The answer to a review, and nothing where not even a uid could be read. Never rejects. */
export async function decideReview(
  body: Uint8Array,
  circumstances: Circumstances,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  const started = performance.now();
  const read = readReview(body);
  if (!read.ok) {
    return read.uid === undefined ? undefined : respond(read.uid, faulty(read.fault, circumstances.pathMode));
  }
  const { request } = read;
  const verdict = await judged(request, circumstances, deps);
  if (verdict === undefined) return pass(request.uid);
  deps.observe(record(request, verdict, (performance.now() - started) / 1000));
  return respond(request.uid, verdict);
}

/** The verdict on a request's new images; undefined where it brings none. */
async function judged(
  request: AdmissionRequest,
  { pathMode, timeout }: Circumstances,
  deps: AdmissionDeps,
): Promise<Verdict | undefined> {
  const mode = stricter(pathMode, deps.modeOf(request.namespace));
  // Not AbortSignal.timeout: that one lives on for seconds after a warm answer, thousands of them under load.
  const due = new AbortController();
  const timer = setTimeout(() => due.abort(), thinkingTime(timeout)).unref();
  try {
    const { subjects, access } = newImages(request, deps.workloads);
    if (subjects.length === 0) return undefined;
    const { namespace } = request;
    const { signal } = due;
    return await deps.gate.admit({ namespace, mode, subjects, access: { namespace, ...access }, signal });
  } catch (error) {
    return faulty(asFault(error), mode);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The API server chose the webhook by the label that it knows; ours may be a moment older or newer. The stricter of the
 * two counts, so that neither a stale watch nor a tampered selector lets anything through.
 */
function stricter(pathMode: PathMode, label: Mode | undefined): Mode {
  return label === undefined ? pathMode : stricterMode(pathMode, label);
}

function faulty({ code, message }: Fault, mode: Mode): Verdict {
  const decision = mode === "enforce" ? "deny" : "warn";
  return { decision, mode, objections: [{ kind: "fault", code, message }], waived: [], judged: [] };
}

function record(
  request: AdmissionRequest,
  verdict: Verdict,
  seconds: number,
): Parameters<AdmissionDeps["observe"]>[0] {
  const { uid, namespace, kind, name, operation, dryRun } = request;
  return {
    uid: printable(uid, 128),
    namespace: printable(namespace, 63),
    kind: printable(kind.group === "" ? kind.kind : `${kind.group}/${kind.kind}`, 120),
    name: printable(name, 253),
    operation,
    dryRun: dryRun === true,
    verdict,
    seconds,
  };
}
