import { eachAtMost, type Mode, type Verdict } from "../core/index.ts";
import type { Gate } from "../gate/index.ts";
import type { ImageGroup } from "./target-images.ts";

const AT_ONCE = 8;

/** A verdict with the namespace that it is about. */
export interface NamespaceVerdict {
  readonly namespace: string;
  readonly verdict: Verdict;
}

/** What a target is judged with. */
export interface JudgeOptions {
  readonly gate: Gate;
  readonly modeOf: (namespace: string) => Mode;
  /** Aborts when the answer is due. */
  readonly signal: AbortSignal;
}

/** The gate's verdict on each group of images, eight groups at a time; namespaces whose mode is off are not looked at. */
export async function judgeTarget(
  groups: readonly ImageGroup[],
  { gate, modeOf, signal }: JudgeOptions,
): Promise<NamespaceVerdict[]> {
  const verdicts: NamespaceVerdict[] = [];
  const looked = groups.filter(({ namespace }) => modeOf(namespace) !== "off");
  await eachAtMost(AT_ONCE, looked, async ({ namespace, access, subjects }, at) => {
    const mode = modeOf(namespace);
    verdicts[at] = { namespace, verdict: await gate.admit({ namespace, mode, subjects, access, signal }) };
  });
  return verdicts;
}
