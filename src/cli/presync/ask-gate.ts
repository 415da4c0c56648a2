import { HOOK_EXIT, Report } from "../../argocd/index.ts";
import { linkAbort, printable, readJson } from "../../core/index.ts";
import { type GateReply, requestGate } from "../../outbound/index.ts";

const MAX_ATTEMPT_MS = 60_000;

export interface GateQuestion {
  readonly url: URL;
  readonly token: string;
  /** PEM; the well-known authorities where absent. */
  readonly ca: string | undefined;
  readonly signal: AbortSignal;
}

/** The gate's answer. Never rejects: where none comes that can be read, nothing is known. */
export async function askGate(question: GateQuestion): Promise<Report> {
  try {
    const { status, text } = await post(question);
    return reportIn(status, text) ?? unknown(`the gate answered with HTTP ${status} and no report`);
  } catch (error) {
    const { code, message } =
      error instanceof Error ? (error as NodeJS.ErrnoException) : { code: "", message: "" };
    const why = `${code ? `${code} ` : ""}${printable(message, 200)}`;
    return unknown(`the gate could not be reached: ${why}${isOfNetwork(code) ? `. ${EGRESS_HINT}` : ""}`);
  }
}

const EGRESS_HINT =
  "If the namespace denies egress by default, a NetworkPolicy must allow DNS, and TCP to the gate's pods";

/** What a policy that drops or rejects packets looks like from inside. */
function isOfNetwork(code: string | undefined): boolean {
  return [
    "ETIMEDOUT",
    "ECONNREFUSED",
    "EHOSTUNREACH",
    "ENETUNREACH",
    "EACCES",
    "EPERM",
    "EAI_AGAIN",
  ].includes(code ?? "");
}

/** An answer with status 200 is a verdict; with any other it must not be one, whatever it says. */
function reportIn(status: number, text: string): Report | undefined {
  const report = Report.safeParse(readJson(text)).data;
  if (report === undefined || HOOK_EXIT[report.decision] !== report.exitCode) return undefined;
  const isVerdict = report.decision === "allowed" || report.decision === "refused";
  return isVerdict === (status === 200) ? report : undefined;
}

function unknown(why: string): Report {
  const exitCode = HOOK_EXIT.unknown;
  return {
    version: 1,
    decision: "unknown",
    exitCode,
    retry: true,
    reason: `${why}.`,
    images: [],
    warnings: [],
  };
}

async function post(question: GateQuestion): Promise<GateReply> {
  const { signal, release } = linkAbort(question.signal, MAX_ATTEMPT_MS);
  try {
    return await requestGate({ ...question, method: "POST", signal });
  } finally {
    release();
  }
}
