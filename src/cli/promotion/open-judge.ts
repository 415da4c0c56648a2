import { setTimeout as wait } from "node:timers/promises";

import type { ComposedGate } from "../../composition/index.ts";
import {
  createTurnsByKey,
  type Digest,
  digestOf,
  type Evidence,
  mayPassLater,
  formatImageRef,
  linkAbort,
  type PinnedImage,
  printable,
  type TrustSnapshot,
  UsageError,
  type Verdict,
} from "../../core/index.ts";
import type { Gate } from "../../gate/index.ts";
import {
  type CountedEvidence,
  countedEvidence,
  type Counting,
  type Policy,
  type Rule,
} from "../../policy/index.ts";
import type { JudgePort, LegacyPort } from "../../promotion/index.ts";
import type { RegistryClient } from "../../registry/index.ts";
import { NO_REVOCATIONS, withoutRevoked } from "../../revocations/index.ts";
import type { Verifier } from "../../verify/index.ts";
import { offlineGate, processVerifier, type RegistryOptions } from "../offline-gate.ts";
import { type RevocationsOptions, revocationsIn } from "../revocations-option.ts";
import type { GitHubOptions } from "./open-inventory.ts";
import { openLegacy } from "./open-legacy.ts";

/** How often a registry that does not answer is asked about one image. */
const MAX_ATTEMPTS = 3;
const FIRST_WAIT_MS = 1000;
const UNCHECKED = "what is revoked counts as promotable";
/** Where all rules apply everywhere, each namespace has the same. */
const ANY_NAMESPACE = "default";
/** Source: Kubernetes, "Object Names and IDs", RFC 1123 label names. */
const LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** By what is judged. */
export interface JudgeOptions extends RegistryOptions, RevocationsOptions, GitHubOptions {
  readonly policy: string;
  /** Whose rules judge; needed where rules are for some namespaces only. */
  readonly namespace?: string;
  /** Seconds for each image. */
  readonly timeout: number;
}

/** The gate of a backfill: the same as every other, without waivers, which prove nothing. */
export interface OpenedJudge {
  /** Owners whose images it links by GitHub's records; absent where there is none. */
  readonly github?: string;
  readonly judging: { readonly judge: JudgePort; readonly legacy?: LegacyPort };
  readonly policy: Policy;
  /** Whose rules judge. */
  readonly namespace: string;
  /** Digest of the revocations' text. */
  readonly revocations: Digest;
  readonly registry: RegistryClient;
  readonly trust: () => TrustSnapshot;
  readonly verifier: Verifier;
  readonly close: () => Promise<void>;
}

/** Throws UsageError where a document cannot be used. */
export function openJudge(options: JudgeOptions): OpenedJudge {
  const revoked = revocationsIn(options, UNCHECKED);
  const history = openLegacy(options);
  const seen = new Map<Digest, Evidence>();
  const composed = composeJudge(options, (evidence) => void seen.set(evidence.subject, evidence));
  const policy = composed.policy.current()!;
  const namespace = namespaceFor(policy, options);
  /** Evidence is known by its digest alone: the same one is judged for one repository at a time. */
  const inTurn = createTurnsByKey();
  const ask = (image: PinnedImage, signal: AbortSignal): Promise<Verdict> =>
    askGate(composed.gate, image, { namespace, timeout: options.timeout, signal });
  const judge: JudgePort = (image, signal) =>
    inTurn(image.digest, async () => {
      const verdict = await patiently(() => ask(image, signal), signal);
      const evidence = seen.get(image.digest);
      seen.delete(image.digest); // kept for no longer, so that the memory does not grow with the images
      const rules = policy.rulesFor({ image, namespace });
      const asksProvenance = rules.some(({ require }) => require.some(({ gate }) => gate === "provenance"));
      const counted = countedOf(evidence, { image, namespace, rules, policy }, composed);
      return { verdict, evidence, counted, asksProvenance };
    });
  return {
    policy,
    namespace,
    revocations: digestOf(revoked),
    ...(options.github.length > 0 && { github: ownersOf(options) }),
    judging: { judge, ...(history.legacy !== undefined && { legacy: history.legacy }) },
    registry: composed.registry,
    trust: composed.trust.snapshot,
    verifier: processVerifier(),
    close: async () => {
      await Promise.all([history.close(), composed.close()]);
    },
  };
}

function composeJudge(
  { policy, revocations, registries, dockerConfig }: JudgeOptions,
  onEvidence: (evidence: Evidence) => void,
): ComposedGate {
  return offlineGate({
    policy,
    ...(revocations !== undefined && { revocations }),
    ...(registries !== undefined && { registries }),
    ...(dockerConfig !== undefined && { dockerConfig }),
    now: () => new Date(),
    isPatient: true,
    onEvidence,
  });
}

function ownersOf({ github }: GitHubOptions): string {
  return [...new Set(github.map((owner) => owner.toLowerCase()))].toSorted().join(" ");
}

interface Asked extends Pick<Counting, "policy" | "image" | "namespace"> {
  readonly rules: readonly Rule[];
}

/** What of the evidence the rules count, once what is revoked is left out. */
function countedOf(
  evidence: Evidence | undefined,
  { rules, ...asked }: Asked,
  { revocations, trust }: Pick<ComposedGate, "revocations" | "trust">,
): CountedEvidence {
  if (evidence === undefined) return { attachments: [], provenance: [] };
  const { evidence: left } = withoutRevoked(evidence, revocations.current() ?? NO_REVOCATIONS);
  const { keys } = trust.snapshot();
  return countedEvidence(rules, { ...asked, evidence: left, keys, now: new Date() });
}

/** Throws UsageError where rules differ between namespaces and none is named: lax rules must not judge for strict ones. */
function namespaceFor(policy: Policy, { namespace }: Pick<JudgeOptions, "namespace">): string {
  if (namespace === undefined && policy.isNamespaced)
    throw new UsageError(
      "rules of this policy apply in some namespaces only; name the one whose rules judge by --namespace",
    );
  if (namespace !== undefined && !LABEL.test(namespace))
    throw new UsageError(`--namespace ${printable(namespace, 80)} is not the name of a namespace`);
  return namespace ?? ANY_NAMESPACE;
}

async function askGate(
  gate: Gate,
  image: PinnedImage,
  {
    namespace,
    timeout,
    signal,
  }: { readonly namespace: string; readonly timeout: number; readonly signal: AbortSignal },
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
