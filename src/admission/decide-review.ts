import { asFault, Fault, type Mode, printable, stricterMode, type Verdict } from "../core/index.ts";
import { faultVerdict, type GateRequest } from "../gate/index.ts";
import { newImages } from "./change.ts";
import { thinkingTime } from "./deadline.ts";
import type { Door } from "./door.ts";
import type { TakenBody } from "./intake.ts";
import type { AdmissionDeps, DecisionRecord } from "./ports.ts";
import { type AnsweredReview, pass, respond } from "./response.ts";
import { type AdmissionRequest, readHead, readReview } from "./review.ts";
import { spokenOf } from "./sentences.ts";

/** The two webhooks that the API server chooses between by the namespace's label. */
type PathMode = "enforce" | "advisory";

/** What a review is answered in: its webhook, how long the API server waits, and through which door reviews go. */
export interface Circumstances {
  readonly pathMode: PathMode;
  readonly timeout: unknown;
  readonly door: Door;
}

/** What is left of a review while its images are looked at: nothing of its size. */
interface Question {
  /** As it was asked; that in `about` is made fit for a log. */
  readonly uid: string;
  readonly about: Omit<DecisionRecord, "verdict" | "seconds">;
  readonly asked: Omit<GateRequest, "signal">;
  readonly notes: readonly string[];
}

/**
 * The answer to a review, and nothing where not even a uid could be read. Never rejects. No async function, which would
 * keep the body until the answer.
 */
export function decideReview(
  taken: TakenBody,
  circumstances: Circumstances,
  deps: AdmissionDeps,
): Promise<AnsweredReview | undefined> {
  const prepared = taken.isWhole
    ? prepare(taken, circumstances, deps)
    : turnedAway(taken, circumstances, deps);
  if (prepared === undefined || "response" in prepared) return Promise.resolve(prepared);
  return conclude(prepared, { ...circumstances, arrivedMs: taken.arrivedMs }, deps);
}

/** A review of which only the head had room: refused in enforce, let through with a warning in advisory. */
function turnedAway(
  { bytes }: TakenBody,
  { pathMode }: Circumstances,
  deps: AdmissionDeps,
): AnsweredReview | undefined {
  deps.shed("bytes");
  const head = readHead(bytes);
  if (head === undefined) return undefined;
  const fault = new Fault("limits/overloaded", "other large reviews fill the room that there is for them");
  return respond(head.uid, faultVerdict(fault, stricter(pathMode, deps.modeOf(head.namespace))));
}

/** What there is to ask of the gate, or the answer where there is nothing. */
function prepare(
  { bytes, arrivedMs }: TakenBody,
  { pathMode }: Circumstances,
  deps: AdmissionDeps,
): Question | AnsweredReview | undefined {
  const read = readReview(bytes);
  if (!read.ok)
    return read.uid === undefined ? undefined : respond(read.uid, faultVerdict(read.fault, pathMode));
  const { request } = read;
  const { uid, namespace } = request;
  const mode = (): Mode => stricter(pathMode, deps.modeOf(namespace));
  const about = { ...aboutOf(request), caller: deps.callers.proof };
  try {
    const { subjects, access, notes } = newImages(request, deps.workloads);
    if (subjects.length === 0) return pass(uid, spokenOf(notes));
    return { uid, about, notes, asked: { namespace, mode, subjects, access: { namespace, ...access } } };
  } catch (error) {
    const verdict = faultVerdict(asFault(error), mode());
    deps.observe({ ...about, verdict, seconds: secondsSince(arrivedMs) });
    return respond(uid, verdict);
  }
}

async function conclude(
  { uid, about, asked, notes }: Question,
  circumstances: Circumstances & Pick<TakenBody, "arrivedMs">,
  deps: AdmissionDeps,
): Promise<AnsweredReview> {
  const judged = await circumstances.door(asked.namespace, () => judge(asked, circumstances, deps));
  if (judged === undefined) deps.shed("reviews");
  const verdict =
    judged ?? faultVerdict(new Fault("limits/overloaded", "too many reviews are under way"), asked.mode());
  deps.observe({ ...about, verdict, seconds: secondsSince(circumstances.arrivedMs) });
  return respond(uid, verdict, notes);
}

/** The verdict on images, in the time that is left since their review began to arrive. */
async function judge(
  asked: Question["asked"],
  { timeout, arrivedMs }: Circumstances & Pick<TakenBody, "arrivedMs">,
  { gate }: AdmissionDeps,
): Promise<Verdict> {
  // Not AbortSignal.timeout: that one lives on for seconds after a warm answer, thousands of them under load.
  const due = new AbortController();
  const leftMs = thinkingTime(timeout) - (performance.now() - arrivedMs);
  const timer = setTimeout(() => due.abort(), Math.max(0, leftMs)).unref();
  try {
    return await gate.admit({ ...asked, signal: due.signal });
  } catch (error) {
    return faultVerdict(asFault(error), asked.mode());
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

function aboutOf({
  uid,
  namespace,
  kind,
  name,
  operation,
  dryRun,
}: AdmissionRequest): Omit<Question["about"], "caller"> {
  return {
    uid: printable(uid, 128),
    namespace: printable(namespace, 63),
    kind: printable(kind.group === "" ? kind.kind : `${kind.group}/${kind.kind}`, 120),
    name: printable(name, 253),
    operation,
    dryRun: dryRun === true,
  };
}

function secondsSince(ms: number): number {
  return (performance.now() - ms) / 1000;
}
