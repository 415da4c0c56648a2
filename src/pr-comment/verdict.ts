import type { Reports } from "./reports.ts";

/** `unknown` and `failed` are not `blocked`: the code need not be fixed for them. */
export type Verdict = "blocked" | "unknown" | "failed" | "advice" | "passed";

/** What a run came to, and why. */
export interface Conclusion {
  readonly verdict: Verdict;
  readonly sentence: string;
  /** Whether what was found blocks, or would in production. */
  readonly isBlocking: boolean;
}

/** What a run came to, by GitHub's word for it and by its reports, which alone could leave something out. */
export function conclusionOf(reports: Reports, concluded: string | undefined): Conclusion {
  const { scans, verified } = reports;
  const results = verified.flatMap((each) => each.results);
  const denied = results.filter(({ decision }) => decision === "deny");
  const refused = denied.filter(({ objections }) => objections.some(({ kind }) => kind === "finding"));
  const issues = scans.reduce((sum, each) => sum + each.issues.length, 0);
  const isBlocking =
    refused.length > 0 || scans.some((each) => each.mode === "enforce" && each.issues.length > 0);
  const told = (verdict: Verdict, sentence: string): Conclusion => ({ verdict, sentence, isBlocking });
  const count = counted(
    issues,
    results.reduce((sum, each) => sum + each.objections.length, 0),
  );
  if (isBlocking) return told("blocked", `${count}.`);
  const unknown =
    whyUnknown(reports, concluded) ?? (denied.length > 0 ? "an image could not be judged" : undefined);
  if (unknown !== undefined) return told("unknown", `Nothing is known for certain: ${unknown}.`);
  if (concluded !== "success")
    return told("failed", "The run failed, and its reports do not say why. Check its log.");
  const isQuiet = issues === 0 && results.every(({ decision }) => decision === "allow");
  return isQuiet
    ? told("passed", "Nothing blocks.")
    : told("advice", `${count}. It is advice here, and blocks in production.`);
}

function counted(issues: number, objections: number): string {
  const total = issues + objections;
  return total === 1 ? "One thing is to be fixed" : `${total} things are to be fixed`;
}

function whyUnknown({ scans, unread }: Reports, concluded: string | undefined): string | undefined {
  if (unread.length > 0) return "a report could not be read";
  if (concluded === undefined) return "the run has not ended";
  if (concluded !== "success" && concluded !== "failure") return "the run did not come to an end";
  return scans.length === 0 && concluded === "success" ? "the run left no report" : undefined;
}
