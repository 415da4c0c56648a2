import type { ComposedGate } from "../../composition/index.ts";
import {
  type Evidence,
  type ImageRef,
  type Mode,
  parseImageRef,
  type Verdict,
  EXIT,
  type ExitCode,
  UsageError,
} from "../../core/index.ts";
import { offlineGate, type RegistryOptions } from "../offline-gate.ts";
import { print } from "../terminal.ts";
import { explanationJson, explanationText } from "./explain-report.ts";
import { type Decided, explain } from "./explanation.ts";

export interface ExplainOptions extends RegistryOptions {
  readonly policy: string;
  readonly waivers?: string;
  /** `NAME=FILE`. */
  readonly trustRoot?: readonly string[];
  readonly revocations?: string;
  readonly namespace: string;
  readonly mode: Extract<Mode, "enforce" | "advisory">;
  readonly at?: Date;
  readonly timeout: number;
  readonly output: "text" | "json";
}

/** `mc policy explain`: the webhook's own verdict on an image, taken apart. */
export async function policyExplain(image: string, options: ExplainOptions): Promise<ExitCode> {
  const ref = referenceIn(image);
  const { at = new Date() } = options;
  let evidence: Evidence | undefined;
  const onEvidence = (collected: Evidence): void => {
    evidence = collected;
  };
  const composed = offlineGate({ ...options, now: () => at, onEvidence });
  try {
    const verdict = await verdictOn(image, composed, options);
    const explanation = explain({
      ...documentsOf(composed),
      image,
      ref,
      namespace: options.namespace,
      keys: evidence === undefined ? [] : composed.trust.snapshot().keys,
      verdict,
      evidence,
    });
    print(options.output === "json" ? explanationJson(explanation) : explanationText(explanation));
    return exitCode(verdict);
  } finally {
    await composed.close();
  }
}

function referenceIn(image: string): ImageRef {
  const parsed = parseImageRef(image);
  if (parsed.ok) return parsed.ref;
  throw new UsageError(`${image} is not an image reference: ${parsed.why}`);
}

function verdictOn(image: string, { gate }: ComposedGate, options: ExplainOptions): Promise<Verdict> {
  const { namespace, mode } = options;
  const signal = AbortSignal.timeout(options.timeout * 1000);
  return gate.admit({
    namespace,
    mode: () => mode,
    subjects: [{ image, place: "argument" }],
    access: {},
    signal,
  });
}

/** What the gate judged by. Throws UsageError where there is none: the gate's set-up was refused before. */
function documentsOf(composed: ComposedGate): Pick<Decided, "policy" | "revocations"> {
  const [policy, revocations] = [composed.policy.current(), composed.revocations.current()];
  if (policy !== undefined && revocations !== undefined) return { policy, revocations };
  throw new UsageError("no policy is loaded");
}

function exitCode({ decision, objections }: Verdict): ExitCode {
  if (decision !== "deny") return EXIT.allowed;
  return objections.some(({ kind }) => kind === "finding") ? EXIT.refused : EXIT.unknown;
}
