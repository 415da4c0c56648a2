import {
  type AppliedSwitch,
  mayPassLater,
  formatDuration,
  type Judged,
  type Objection,
  printable,
  type Verdict,
} from "../core/index.ts";
import { denial, oneLine } from "./sentences.ts";
import { warnings } from "./warnings.ts";

const MAX_ANNOTATION = 1024;
const MAX_WHOLE = 2048;

/** The answer to the API server. Source: k8s.io/api/admission/v1, AdmissionResponse. */
export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly reason: string; readonly message: string };
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

/** An AdmissionReview with an answer. */
export interface AnsweredReview {
  readonly apiVersion: "admission.k8s.io/v1";
  readonly kind: "AdmissionReview";
  readonly response: AdmissionResponse;
}

/** A verdict as the answer to a request, with what else people should know of it. */
export function respond(uid: string, verdict: Verdict, notes: readonly string[] = []): AnsweredReview {
  const allowed = verdict.decision !== "deny";
  const spoken = warnings(verdict, notes);
  return answered({
    uid,
    allowed,
    ...(!allowed && { status: { ...statusOf(verdict.objections), message: denial(verdict) } }),
    ...(spoken.length > 0 && { warnings: spoken }),
    auditAnnotations: annotationsOf(verdict),
  });
}

/** A request that the gate has nothing to say against. */
export function pass(uid: string, spoken: readonly string[] = []): AnsweredReview {
  return answered({ uid, allowed: true, ...(spoken.length > 0 && { warnings: spoken }) });
}

/** A refusal in words of its own, for what is not a verdict on images. */
export function refuse(uid: string, message: string): AnsweredReview {
  return answered({ uid, allowed: false, status: { code: 403, reason: "Forbidden", message } });
}

function answered(response: AdmissionResponse): AnsweredReview {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}

/** 503 where waiting may help and nothing else speaks against it, so that clients know to retry; 403 otherwise. */
function statusOf(objections: readonly Objection[]): { code: number; reason: string } {
  const passing = objections.every(mayPassLater);
  return passing ? { code: 503, reason: "ServiceUnavailable" } : { code: 403, reason: "Forbidden" };
}

function annotationsOf({
  decision,
  mode,
  objections,
  expired,
  waived,
  judged,
  switches = [],
}: Verdict): Record<string, string> {
  const values = {
    verdict: `${decision} (${mode})`,
    codes: [...new Set(objections.map(({ code }) => code))].join(" "),
    switch: switches.map(switchClause).join("; "),
    waivers: [...new Set(waived.map(({ waiver }) => waiver.id))].join(" "),
    images: judged.map(({ image }) => image).join(" "),
    evidence: [...new Set(judged.flatMap(({ proofs }) => proofs))].join("; "),
    staleEvidence: judged.flatMap(staleClause).join("; "),
  };
  const filled = Object.entries(values).filter(([, value]) => value !== "");
  const clean = filled.map(([key, value]) => [key, printable(value, MAX_ANNOTATION)]);
  return {
    ...Object.fromEntries(clean),
    ...(decision === "warn" && { message: whole(objections, expired) }),
  };
}

/** What its warnings have no room for, on one line. */
function whole(objections: readonly Objection[], expired: Verdict["expired"]): string {
  return printable(oneLine(denial({ objections, ...(expired !== undefined && { expired }) })), MAX_WHOLE);
}

function switchClause({ id, scope, by, until, ticket, reason }: AppliedSwitch): string {
  return `${id} (${scope}) by ${by} until ${until.toISOString()}, ${ticket}: ${reason}`;
}

function staleClause({ evidenceAgeMs, staleBecause }: Judged): string[] {
  if (staleBecause === undefined) return [];
  return [`${formatDuration(evidenceAgeMs ?? 0)} old: ${staleBecause}`];
}
