import { readFileSync, writeFileSync } from "node:fs";

import { HOOK_EXIT, type Report } from "../../argocd/index.ts";
import { type ExitCode, UsageError } from "../../core/index.ts";
import { print, say } from "../terminal.ts";
import { askGate } from "./ask-gate.ts";
import { untilSettled } from "./until-settled.ts";

const MAX_MESSAGE = 4000; // the kubelet keeps 4,096 bytes

export interface PresyncOptions {
  readonly gate: string;
  readonly caFile?: string;
  readonly tokenFile: string;
  readonly terminationLog: string;
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** `mc presync`: asks until the gate has an answer, says it where people look, and exits with it. */
export async function presync(options: PresyncOptions): Promise<ExitCode> {
  const report = await settled(options);
  leaveReason(options.terminationLog, report);
  if (options.output === "json") print(JSON.stringify(report, undefined, 2));
  else print(textOf(report));
  return report.exitCode;
}

async function settled({ gate, caFile, tokenFile, timeout }: PresyncOptions): Promise<Report> {
  try {
    const ca = caFile === undefined ? process.env["MC_GATE_CA"] : readNeeded(caFile, "certificate authority");
    const url = addressOf(gate);
    return await untilSettled(
      (signal) => askGate({ url, token: readNeeded(tokenFile, "token").trim(), ca, signal }),
      { timeoutMs: timeout * 1000, onRetry: ({ reason }) => say(`${reason} Retrying.`) },
    );
  } catch (error) {
    if (error instanceof UsageError) return wrongSetup(error.message);
    throw error;
  }
}

/** Only where it is encrypted does an answer come from the gate. */
function addressOf(gate: string): URL {
  const url = URL.canParse(gate) ? new URL(gate) : undefined;
  if (url?.protocol !== "https:") throw new UsageError(`--gate ${gate} is not an https:// address`);
  return new URL("/v1/presync", url);
}

function readNeeded(file: string, what: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(
      `cannot read the ${what} ${file}: ${error instanceof Error ? error.message : "unknown failure"}`,
    );
  }
}

function wrongSetup(reason: string): Report {
  const exitCode = HOOK_EXIT.setup;
  return { version: 1, decision: "setup", exitCode, retry: false, reason, images: [], warnings: [] };
}

function textOf({ decision, reason, images, warnings }: Report): string {
  const refused = images.filter((image) => image.decision === "deny").map(({ sentence }) => `  ${sentence}`);
  const lines = [...warnings.map((text) => `warning: ${text}`), ...(refused.length > 1 ? refused : [])];
  return [`${decision}: ${reason}`, ...lines].join("\n");
}

/** Outside a container there is no such file, and no one who would read it. */
function leaveReason(file: string, { decision, reason, warnings }: Report): void {
  if (file === "") return;
  const text = [`${decision}: ${reason}`, ...warnings.map((each) => `warning: ${each}`)].join("\n");
  try {
    writeFileSync(file, text.slice(0, MAX_MESSAGE));
  } catch {
    say(`The reason could not be written to ${file}.`);
  }
}
