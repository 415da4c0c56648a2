import { setTimeout as wait } from "node:timers/promises";

import {
  createTurnsByKey,
  type Digest,
  digestOf,
  type Evidence,
  mayPassLater,
  formatImageRef,
  linkAbort,
  type PinnedImage,
  type TrustSnapshot,
  type Verdict,
} from "../../core/index.ts";
import type { Gate } from "../../gate/index.ts";
import type { Policy } from "../../policy/index.ts";
import type { JudgePort } from "../../promotion/index.ts";
import type { RegistryClient } from "../../registry/index.ts";
import type { Verifier } from "../../verify/index.ts";
import { offlineGate, processVerifier, type RegistryOptions } from "../offline-gate.ts";
import { readText, say } from "../terminal.ts";

/** How often a registry that does not answer is asked about one image. */
const MAX_ATTEMPTS = 3;
const FIRST_WAIT_MS = 1000;
const NO_REVOCATIONS = "revocations: []";

/** By what is judged. */
export interface JudgeOptions extends RegistryOptions {
  readonly policy: string;
  readonly revocations?: string;
  readonly namespace: string;
  /** Seconds for each image. */
  readonly timeout: number;
}

/** The gate of a backfill: the same as every other, without waivers, which prove nothing. */
export interface OpenedJudge {
  readonly judge: JudgePort;
  readonly policy: Policy;
  /** Digest of the revocations' text. */
  readonly revocations: Digest;
  readonly registry: RegistryClient;
  readonly trust: () => TrustSnapshot;
  readonly verifier: Verifier;
  readonly close: () => Promise<void>;
}

/** Throws UsageError where a document cannot be used. */
export function openJudge(options: JudgeOptions): OpenedJudge {
  const { policy: file, revocations, registries, dockerConfig } = options;
  const seen = new Map<Digest, Evidence>();
  const composed = offlineGate({
    policy: file,
    ...(revocations !== undefined && { revocations }),
    ...(registries !== undefined && { registries }),
    ...(dockerConfig !== undefined && { dockerConfig }),
    now: () => new Date(),
    isPatient: true,
    onEvidence: (evidence) => void seen.set(evidence.subject, evidence),
  });
  const policy = composed.policy.current()!;
  /** Evidence is known by its digest alone: the same one is judged for one repository at a time. */
  const inTurn = createTurnsByKey();
  const { namespace } = options;
  const ask = (image: PinnedImage, signal: AbortSignal): Promise<Verdict> =>
    askGate(composed.gate, image, { ...options, signal });
  return {
    policy,
    revocations: digestOf(revocationsIn(revocations)),
    judge: (image, signal) =>
      inTurn(image.digest, async () => {
        const verdict = await patiently(() => ask(image, signal), signal);
        const evidence = seen.get(image.digest);
        seen.delete(image.digest); // kept for no longer, so that the memory does not grow with the images
        const rules = policy.rulesFor({ image, namespace });
        const asksProvenance = rules.some(({ require }) => require.some(({ gate }) => gate === "provenance"));
        return { verdict, evidence, asksProvenance };
      }),
    registry: composed.registry,
    trust: composed.trust.snapshot,
    verifier: processVerifier(),
    close: composed.close,
  };
}

/** The text of the revocations. Where there is none it says what that means. */
function revocationsIn(file: string | undefined): string {
  if (file !== undefined) return readText(file);
  say(
    "No --revocations is given: what is revoked counts as promotable. Name the document that the gate uses.",
  );
  return NO_REVOCATIONS;
}

async function askGate(
  gate: Gate,
  image: PinnedImage,
  { namespace, timeout, signal }: JudgeOptions & { readonly signal: AbortSignal },
): Promise<Verdict> {
  const linked = linkAbort(signal, timeout * 1000);
  try {
    return await gate.admit({
      namespace,
      mode: () => "enforce",
      subjects: [{ image: formatImageRef(image), place: "backfill" }],
      access: {},
      signal: linked.signal,
    });
  } finally {
    linked.release();
  }
}

/** Asks again, later each time, while all that speaks against an image may be different then. */
async function patiently(ask: () => Promise<Verdict>, signal: AbortSignal): Promise<Verdict> {
  for (let attempt = 1; ; attempt += 1) {
    const verdict = await ask();
    signal.throwIfAborted();
    if (attempt === MAX_ATTEMPTS || !mayChange(verdict)) return verdict;
    await wait(FIRST_WAIT_MS * 2 ** attempt, undefined, { signal });
  }
}

function mayChange({ objections }: Verdict): boolean {
  return objections.some(mayPassLater);
}
