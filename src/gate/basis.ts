import type { Mode, Subject, Verdict } from "../core/index.ts";
import type { Facts, Readings } from "./readings.ts";
import type { Snapshot } from "./snapshot.ts";

/** What a verdict was made by: with the same snapshot and the same facts, it is made again. */
export interface VerdictBasis {
  readonly namespace: string;
  /** The mode that was asked for, before any switch. */
  readonly mode: Mode;
  /** The images that were judged, each once; none in mode off. */
  readonly subjects: readonly Subject[];
  readonly snapshot: Snapshot;
  readonly facts: Facts;
}

const bases = new WeakMap<Verdict, Omit<VerdictBasis, "facts"> & { readonly readings: Readings }>();

/** Remembers what a verdict was made by, for as long as someone has the verdict. Costs nothing that is not asked for. */
export function rememberBasis(
  verdict: Verdict,
  basis: Omit<VerdictBasis, "facts"> & { readonly readings: Readings },
): Verdict {
  bases.set(verdict, basis);
  return verdict;
}

/** What a verdict of this gate was made by; undefined where it is a fault that came before any judging. */
export function basisOf(verdict: Verdict): VerdictBasis | undefined {
  const basis = bases.get(verdict);
  if (basis === undefined) return undefined;
  const { readings, ...rest } = basis;
  return { ...rest, facts: readings.facts() };
}
