import { FAULTS, FINDINGS } from "../../src/core/index.ts";

/**
 * What an image is: signed and admitted before, signed and perhaps never seen, or not signed. One that was admitted
 * before must stay so, whatever fails; one that nobody has seen may be refused where nothing can be known of it.
 */
export type Deserving = "seen" | "signed" | "unsigned";

/** Whether it was admitted, and the sentence where it was not; undefined where nobody answered. */
export type Answered = { readonly allowed: boolean; readonly message: string } | undefined;

/** The answers that may come, whatever fails. */
const RIGHT = ["admitted", "refused", "fault"] as const;
/**
 * The answers that may not: an unsigned image admitted; a signed one refused by a finding, or one that was seen before by a
 * fault; a refusal without a reason code; no answer of the gate at all.
 */
export const WRONG = ["wrong-admission", "wrong-refusal", "no-reason", "failed"] as const;
/** How one review came out. */
export type Outcome = (typeof RIGHT)[number] | (typeof WRONG)[number];

const REASON = /\[([a-z]+\/[a-z-]+)[\],]/;

/** The reason code of a refusal; empty where it has none. */
export function reasonIn(message: string): string {
  return REASON.exec(message)?.[1] ?? "";
}

/** Holds an answer against what the image deserves. */
export function outcomeOf(image: Deserving, answer: Answered): Outcome {
  if (answer === undefined) return "failed";
  if (answer.allowed) return image === "unsigned" ? "wrong-admission" : "admitted";
  const code = reasonIn(answer.message);
  const isFault = Object.hasOwn(FAULTS, code);
  if (!isFault && !Object.hasOwn(FINDINGS, code)) return "no-reason";
  if (image === "unsigned") return isFault ? "fault" : "refused";
  return isFault && image === "signed" ? "fault" : "wrong-refusal";
}

/** The wrong outcomes that there were; so many reviews may have got no answer. */
export function wrongOf(counts: Readonly<Record<string, number>>, mostFailed: number): Outcome[] {
  return WRONG.filter((outcome) => (counts[outcome] ?? 0) > (outcome === "failed" ? mostFailed : 0));
}
