import { createHash } from "node:crypto";

/** The shares of a rollout, in percent: each wave reaches so many repositories in all. */
export const WAVES = [1, 10, 50, 100] as const;

/** How much of a wave must be green before the next begins: one neglected repository must not hold up the others. */
const GREEN_SHARE = 0.9;

/** How the pull request of one repository is doing. */
export type Progress = "waiting" | "green" | "pending" | "red" | "declined" | "blocked";

/** Gives each repository its wave, from 0. The order is a hash's, so that it stays as repositories come and go. */
export function wavesOf(ids: readonly number[]): ReadonlyMap<number, number> {
  const order = ids.toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const ends = WAVES.map((share) => Math.ceil((order.length * share) / 100));
  return new Map(order.map((id, at) => [id, ends.findIndex((end) => at < end)]));
}

function orderOf(id: number): string {
  return createHash("sha256").update(String(id)).digest("hex");
}

/** Which wave comes next, or which one must become green first. */
export type NextWave =
  | { readonly kind: "open"; readonly wave: number }
  | { readonly kind: "wait"; readonly wave: number; readonly why: string }
  | { readonly kind: "done" };

/** `progress` holds one list per wave. What a person declined, and what cannot be opened, holds up no one. */
export function nextWave(progress: readonly (readonly Progress[])[]): NextWave {
  for (const [wave, all] of progress.entries()) {
    if (all.includes("waiting")) return { kind: "open", wave };
    const counted = all.filter((each) => each !== "declined" && each !== "blocked");
    const green = counted.filter((each) => each === "green").length;
    const isLast = wave === progress.length - 1;
    if (!isLast && green < counted.length * GREEN_SHARE) {
      const why = `${green} of ${counted.length} pull requests are green; ${Math.ceil(counted.length * GREEN_SHARE)} must be`;
      return { kind: "wait", wave, why };
    }
  }
  return { kind: "done" };
}
