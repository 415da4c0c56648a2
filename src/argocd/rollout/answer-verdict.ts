import { oneLine } from "../../admission/index.ts";
import { asFault, FAULTS, type Mode, printable, type Verdict } from "../../core/index.ts";
import type { TokenUser, VerdictDeps } from "../ports.ts";
import { type ReportedImage, reportOn } from "../report.ts";
import type { VerdictQuestion } from "./verdict-question.ts";

const ACCOUNT = /^system:serviceaccount:([^:]+):/;

/** The answer to a rollout: `pending` says neither yes nor no, and that asking again later is worth it. */
export interface VerdictAnswer {
  readonly version: 1;
  readonly verdict: "allowed" | "refused" | "pending";
  readonly reason: string;
  readonly images: readonly ReportedImage[];
  readonly warnings: readonly string[];
}

/** An answer, or why there is none. */
export type Answered =
  | { readonly status: 200; readonly answer: VerdictAnswer }
  | { readonly status: 401 | 403; readonly error: string };

/** The answer to a token's question. Never rejects. */
export async function answerVerdict(
  token: string,
  question: VerdictQuestion,
  deps: VerdictDeps,
): Promise<Answered> {
  try {
    const user = token === "" ? undefined : await deps.cluster.reviewToken(token, deps.audiences);
    if (user === undefined)
      return { status: 401, error: "the token is not one that this cluster issued for the gate" };
    if (!(await isAllowed(user, question.namespace, deps))) {
      const who = printable(user.username, 120);
      return {
        status: 403,
        error: `${who} may not get verdicts.mc-gate.dev in namespace ${question.namespace}`,
      };
    }
    return { status: 200, answer: await answerTo(question, deps) };
  } catch (error) {
    const { code } = asFault(error);
    return notKnown(`the request could not be answered [${code}]. ${FAULTS[code].fix}`);
  }
}

/** An answer that is not known: neither yes nor no. */
export function notKnown(reason: string): Answered {
  return { status: 200, answer: { version: 1, verdict: "pending", reason, images: [], warnings: [] } };
}

/** A service account may always ask about its own namespace. */
async function isAllowed(user: TokenUser, namespace: string, deps: VerdictDeps): Promise<boolean> {
  return ACCOUNT.exec(user.username)?.[1] === namespace || deps.mayAsk(user, namespace);
}

async function answerTo(
  { namespace, images, serviceAccount, pullSecrets }: VerdictQuestion,
  deps: VerdictDeps,
): Promise<VerdictAnswer> {
  const mode = (): Mode => deps.modeOf(namespace) ?? deps.defaultMode;
  const subjects = images.map((image) => ({ image, place: "asked about" }));
  const access = { namespace, serviceAccount, pullSecrets };
  const signal = AbortSignal.timeout(deps.judgeMs);
  const verdict = await deps.gate.admit({ namespace, mode, subjects, access, signal });
  const { rolloutWindowMs, now } = deps;
  const {
    reason: text,
    images: reported,
    warnings,
  } = reportOn([{ namespace, verdict }], { now: now(), rolloutWindowMs });
  const reason = oneLine(text);
  const waits = waitsForWaiver(verdict, namespace, deps);
  return {
    version: 1,
    verdict: wordFor(verdict, waits),
    reason: waits ? `a waiver is written and does not count yet: ${reason}` : reason,
    images: reported,
    warnings,
  };
}

function wordFor({ decision, objections }: Verdict, waits: boolean): VerdictAnswer["verdict"] {
  if (decision !== "deny") return "allowed";
  return waits || objections.every(({ kind }) => kind === "fault") ? "pending" : "refused";
}

/** Whether everything that is found would be waived by waivers that are written already. */
function waitsForWaiver({ decision, objections }: Verdict, namespace: string, deps: VerdictDeps): boolean {
  const findings = objections.filter((each) => each.kind === "finding");
  return (
    decision === "deny" && findings.length > 0 && findings.every((each) => deps.waiverAhead(each, namespace))
  );
}
