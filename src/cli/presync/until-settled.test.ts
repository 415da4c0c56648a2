import { describe, expect, it } from "vitest";

import { Report } from "../../argocd/index.ts";
import { untilSettled } from "./until-settled.ts";

function report(decision: "unknown" | "allowed", reason: string): Report {
  const exitCode = decision === "unknown" ? 11 : 0;
  return Report.parse({ version: 1, decision, exitCode, retry: true, reason, images: [], warnings: [] });
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

const pause = (): Promise<void> => Promise.resolve();

describe("asking until there is an answer", () => {
  it("goes on while nobody can tell, and gives the verdict", async () => {
    const answers = [report("unknown", "busy"), report("unknown", "busy"), report("allowed", "fine")];
    const told: string[] = [];
    const onRetry = ({ reason }: Report): void => void told.push(reason);
    const answer = await untilSettled(() => Promise.resolve(answers.shift()!), {
      timeoutMs: 5000,
      onRetry,
      pause,
    });
    expect([answer.reason, told]).toEqual(["fine", ["busy", "busy"]]);
  });

  it("gives the last real answer when the time ends in the middle of a question", async () => {
    let questions = 0;
    const ask = async (signal: AbortSignal): Promise<Report> => {
      questions += 1;
      if (questions === 1) return report("unknown", "the registry does not answer");
      await aborted(signal);
      return report("unknown", "the question was broken off");
    };
    const answer = await untilSettled(ask, { timeoutMs: 50, onRetry: () => undefined, pause });
    expect(answer.reason).toBe("the registry does not answer");
  });
});
