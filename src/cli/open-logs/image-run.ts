import { type Evidence, fixOf, type Proof, UsageError, type Verdict } from "../../core/index.ts";
import { type RunAddress, runAddress } from "../../pipeline/index.ts";
import { offlineGate, type RegistryOptions } from "../offline-gate.ts";

/** What the run of an image is found by. */
export interface ImageRunOptions extends RegistryOptions {
  readonly policy?: string;
  /** `NAME=FILE`. */
  readonly trustRoot?: readonly string[];
  /** Seconds. */
  readonly timeout: number;
  /** GitHub's address. */
  readonly server: string;
}

/**
 * The run that the newest signature by an authority of the policy names in its certificate; why it is not known and what
 * to do, otherwise. A signature by anyone else may name any run.
 */
export async function runOfImage(image: string, options: ImageRunOptions): Promise<RunAddress | string> {
  const { policy, server, timeout } = options;
  if (policy === undefined) throw new UsageError("--image needs --policy: only its authorities are believed");
  const seen: Evidence[] = [];
  const now = new Date();
  const composed = offlineGate({
    ...options,
    policy,
    now: () => now,
    onEvidence: (evidence) => seen.push(evidence),
  });
  try {
    const verdict = await composed.gate.admit({
      namespace: "default",
      mode: () => "advisory",
      subjects: [{ image, place: "argument" }],
      access: {},
      signal: AbortSignal.timeout(timeout * 1000),
    });
    const keys = seen.length === 0 ? [] : composed.trust.snapshot().keys;
    const authorities = [...(composed.policy.current()?.authorities.values() ?? [])];
    const proofs = seen
      .flatMap(({ signatures, attestations }): readonly Proof[] => [...signatures, ...attestations])
      .filter((proof) => authorities.some((authority) => authority.mismatch(proof, keys) === undefined))
      .toSorted((a, b) => timeOf(b) - timeOf(a));
    return (
      proofs.map((proof) => addressIn(proof, server)).find((each) => each !== undefined) ??
      whyNot(verdict, seen)
    );
  } finally {
    await composed.close();
  }
}

function timeOf({ trustedTime }: Proof): number {
  return trustedTime?.getTime() ?? 0;
}

function addressIn({ signer }: Proof, server: string): RunAddress | undefined {
  const uri = signer.kind === "keyless" ? signer.claims.runInvocationURI : undefined;
  return uri === undefined ? undefined : runAddress(uri, server);
}

function whyNot({ objections }: Verdict, seen: readonly Evidence[]): string {
  const fault = objections.find(({ kind }) => kind === "fault");
  if (fault !== undefined) return `${fault.message} [${fault.code}]. ${fixOf(fault)}`;
  if (seen.length === 0) return "no rule of the policy has its signatures read.";
  return "no signature by an authority of the policy names a run on this server.";
}
