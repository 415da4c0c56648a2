import type { Mode, Verdict } from "../../core/index.ts";
import type { JointGate } from "../../gate/index.ts";
import type { ImageGroup } from "./target-images.ts";

/** A verdict with the namespace that it is about. */
export interface NamespaceVerdict {
  readonly namespace: string;
  readonly verdict: Verdict;
}

export interface JudgeOptions {
  readonly gate: JointGate;
  readonly modeOf: (namespace: string) => Mode;
  /** Aborts when the answer is due. */
  readonly signal: AbortSignal;
}

/**
 * The gate's verdict on each group of images, all by one snapshot: what was revoked while the last group was looked up
 * counts for the first, too. Namespaces whose mode is off at the end are left out.
 */
export async function judgeTarget(
  groups: readonly ImageGroup[],
  { gate, modeOf, signal }: JudgeOptions,
): Promise<NamespaceVerdict[]> {
  const requests = groups.map(({ namespace, access, subjects }) => {
    return { namespace, access, subjects, signal, mode: () => modeOf(namespace) };
  });
  const verdicts = await gate.admitAll(requests);
  return verdicts
    .map((verdict, at) => ({ namespace: requests[at]!.namespace, verdict }))
    .filter(({ verdict: { mode } }) => mode !== "off");
}
