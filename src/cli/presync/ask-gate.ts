import { request } from "node:https";

import { linkAbort, printable, readJson } from "../../core/index.ts";
import { HOOK_EXIT, Report } from "../../presync/index.ts";

const MOST_BYTES = 4 * 1024 * 1024;
const LONGEST_ATTEMPT_MS = 60_000;

/** One question to the gate. */
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
    return unknown(`the gate could not be asked: ${code ? `${code} ` : ""}${printable(message, 200)}`);
  }
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

interface Reply {
  readonly status: number;
  readonly text: string;
}

async function post(question: GateQuestion): Promise<Reply> {
  const { signal, release } = linkAbort(question.signal, LONGEST_ATTEMPT_MS);
  try {
    return await exchange({ ...question, signal });
  } finally {
    release();
  }
}

function exchange({ url, token, ca, signal }: GateQuestion): Promise<Reply> {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>();
  const outgoing = request(url, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-length": 0 },
    signal,
    ...(ca !== undefined && ca !== "" && { ca }),
  });
  outgoing.on("error", reject);
  outgoing.on("response", (incoming) => {
    const chunks: Buffer[] = [];
    let length = 0;
    incoming.on("error", reject);
    incoming.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MOST_BYTES) incoming.destroy(new Error("the answer is too large"));
      chunks.push(chunk);
    });
    incoming.on("end", () =>
      resolve({ status: incoming.statusCode ?? 0, text: Buffer.concat(chunks, length).toString("utf8") }),
    );
  });
  outgoing.end();
  return promise;
}
