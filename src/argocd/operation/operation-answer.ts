import type { AnsweredReview } from "../../admission/index.ts";
import { printable } from "../../core/index.ts";
import type { Report } from "../report.ts";

const MAX_WARNINGS = 8;
const MAX_WARNING = 256;
const PENDING = "PENDING: it is not known yet whether this sync may run; controllers retry by themselves.";

/** A change that starts no sync, or one that is not judged. */
export function passed(uid: string): AnsweredReview {
  return answered({ uid, allowed: true });
}

/** A sync that may run, with what people should know of it. */
export function allowed(uid: string, { warnings }: Report): AnsweredReview {
  const more = warnings.length - MAX_WARNINGS;
  const spoken = more > 0 ? [...warnings.slice(0, MAX_WARNINGS), `and ${more} more warnings`] : warnings;
  const shown = spoken.map((text) => printable(`mc-gate ${text}`, MAX_WARNING));
  return answered({ uid, allowed: true, ...(shown.length > 0 && { warnings: shown }) });
}

/** A sync that may not run: 403 where that is settled, 503 where asking again may help. */
export function denied(uid: string, { retry, reason }: Report): AnsweredReview {
  const status = retry
    ? { code: 503, reason: "ServiceUnavailable", message: `${PENDING} ${reason}` }
    : { code: 403, reason: "Forbidden", message: reason };
  return answered({ uid, allowed: false, status });
}

function answered(response: AnsweredReview["response"]): AnsweredReview {
  return { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", response };
}
