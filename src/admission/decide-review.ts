import { asFault, Fault, type Mode, printable, stricterMode, type Verdict } from "../core/index.ts";
import { faultVerdict, type GateRequest } from "../gate/index.ts";
import type { ConcurrencyLimit } from "./concurrency-limit.ts";
import { untilDue } from "./deadline.ts";
import type { BufferedBody } from "./intake.ts";
import type { AdmissionDeps, DecisionRecord } from "./ports.ts";
import { readWorkload, type WorkloadReview } from "./read-workload.ts";
import { type AnsweredReview, pass, respond } from "./response.ts";
import { LARGE_REVIEW } from "./review-parts.ts";
import { readHead, type ReviewHead } from "./review.ts";
import { noteWarning, spokenOf } from "./warnings.ts";

/** The two webhooks that the API server chooses between by the namespace's label. */
type PathMode = "enforce" | "advisory";

/** What a review is answered in: its webhook, how long the API server waits, and how many are decided at once. */
export interface Circumstances {
  readonly pathMode: PathMode;
  readonly timeout: unknown;
  readonly limit: ConcurrencyLimit;
}

/** What is left of a review while its images are checked: nothing of its size. */
interface PendingReview {
  /** As it was asked; that in `about` is made fit for a log. */
  readonly uid: string;
  readonly logFields: Omit<DecisionRecord, "verdict" | "seconds">;
  readonly gateRequest: Omit<GateRequest, "signal">;
  readonly notes: readonly string[];
}

/**
 * The answer to a review, and nothing where not even a uid could be read. Never rejects. No async function, which would
 * keep the body until the answer.
 */
export function decideReview(
  body: BufferedBody,
  circumstances: Circumstances,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  if (body.unread !== undefined) {
    if (body.unread.code === "limits/overloaded") deps.shed("bytes");
    return Promise.resolve(answerFrom(readHead(body.bytes), body.unread, circumstances, deps));
  }
  const arrival = { ...circumstances, arrivedMs: body.arrivedMs };
  if (deps.readLarge === undefined || body.bytes.length <= LARGE_REVIEW)
    return decideRead(readWorkload(body.bytes, deps.workloads), arrival, deps);
  const head = readHead(body.bytes);
  return deps.readLarge(head?.namespace ?? "", body.bytes, deps.workloads).then(
    (review) => decideRead(review, arrival, deps),
    (error: unknown) => answerFrom(head, asFault(error), circumstances, deps),
  );
}

type Arrival = Circumstances & Pick<BufferedBody, "arrivedMs">;

function decideRead(
  review: WorkloadReview,
  arrival: Arrival,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  const prepared = prepare(review, arrival, deps);
  if (prepared === undefined || "response" in prepared) return Promise.resolve(prepared);
  return conclude(prepared, arrival, deps);
}

/** The answer to a review whose head alone was read: refused in enforce, admitted with a warning in advisory. */
function answerFrom(
  head: ReviewHead | undefined,
  fault: Fault,
  { pathMode }: Circumstances,
  deps: AdmissionDeps,
): AnsweredReview | undefined {
  if (head === undefined) return undefined;
  return unread(head, faultVerdict(fault, stricter(pathMode, deps.modeOf(head.namespace))), deps);
}

/** The answer to a review that was not read. */
function unread({ uid, namespace }: ReviewHead, verdict: Verdict, deps: AdmissionDeps): AnsweredReview {
  const about = { uid: printable(uid, 128), namespace: printable(namespace, 63) };
  deps.observeUnread({ ...about, caller: deps.callers.proof, verdict });
  return respond(uid, verdict);
}

/** What there is to ask of the gate, or the answer where there is nothing. */
function prepare(
  review: WorkloadReview,
  { pathMode, arrivedMs }: Arrival,
  deps: AdmissionDeps,
): PendingReview | AnsweredReview | undefined {
  const { uid } = review;
  if (!review.isReview)
    return uid === undefined
      ? undefined
      : unread({ uid, namespace: "" }, faultVerdict(review.fault, pathMode), deps);
  const { namespace, images } = review;
  const mode = (): Mode => stricter(pathMode, deps.modeOf(namespace));
  const logFields = { ...review.about, caller: deps.callers.proof };
  if ("code" in images) {
    const verdict = faultVerdict(images, mode());
    deps.observe({ ...logFields, verdict, seconds: secondsSince(arrivedMs) });
    return respond(review.uid, verdict);
  }
  const { subjects, access, notes } = images;
  if (subjects.length === 0) return pass(review.uid, spokenOf(notes.map(noteWarning)));
  return {
    uid: review.uid,
    logFields: logFields,
    notes,
    gateRequest: { namespace, mode, subjects, access: { namespace, ...access } },
  };
}

async function conclude(
  { uid, logFields, gateRequest, notes }: PendingReview,
  circumstances: Arrival,
  deps: AdmissionDeps,
): Promise<AnsweredReview> {
  const judged = await circumstances.limit(gateRequest.namespace, () =>
    judge(gateRequest, circumstances, deps),
  );
  if (judged === undefined) deps.shed("reviews");
  const verdict =
    judged ??
    faultVerdict(new Fault("limits/overloaded", "too many reviews in progress"), gateRequest.mode());
  deps.observe({ ...logFields, verdict, seconds: secondsSince(circumstances.arrivedMs) });
  return respond(uid, verdict, notes);
}

/** The verdict on images, in the time that is left since their review began to arrive. */
async function judge(
  gateRequest: PendingReview["gateRequest"],
  arrival: Arrival,
  { gate }: AdmissionDeps,
): Promise<Verdict> {
  try {
    return await untilDue(arrival, (signal) => gate.admit({ ...gateRequest, signal }));
  } catch (error) {
    return faultVerdict(asFault(error), gateRequest.mode());
  }
}

/**
 * The API server chose the webhook by the label that it knows; ours may be a moment older or newer. The stricter of the
 * two counts, so that neither a stale watch nor a tampered selector admits anything.
 */
function stricter(pathMode: PathMode, label: Mode | undefined): Mode {
  return label === undefined ? pathMode : stricterMode(pathMode, label);
}

function secondsSince(ms: number): number {
  return (performance.now() - ms) / 1000;
}
