import { eachAtMost, gateOf, type Objection, type Verdict } from "../../core/index.ts";
import type { Gate } from "../../gate/index.ts";
import { offlineGate, type RegistryOptions } from "../offline-gate.ts";
import type { Used } from "./places.ts";

const AT_ONCE = 8;
const SUMMARY = /verification_summary/;

/** What a revocation does to one image in one namespace. */
export interface Hit extends Used {
  /**
   * `refused` it would no longer be admitted · `weakened` it loses a signature or attestation and passes all the same, or
   * failed before · `void` it is revoked already · `untouched` · `unknown` its registry gave no answer.
   */
  readonly effect: "refused" | "weakened" | "void" | "untouched" | "unknown";
  /** What it loses, or why nothing is known: short clauses. */
  readonly because: readonly string[];
  /** Verification summaries that say that it may be promoted, by whom. */
  readonly promotedBy: readonly string[];
}

/** Hits of revoked digests: no registry is asked. */
export function hitByDigest(
  used: readonly Used[],
  digests: ReadonlySet<string>,
  already: ReadonlySet<string>,
): Hit[] {
  return used.map((each) => {
    const hit = each.digests.find((digest) => digests.has(digest));
    const old = each.digests.some((digest) => already.has(digest));
    const because = hit === undefined ? [] : [hit];
    if (each.digests.length === 0) {
      const why = "it is named by a tag, and no node says which digest it runs";
      return { ...each, effect: "unknown", because: [why], promotedBy: [] };
    }
    const effect: Hit["effect"] = hit === undefined ? "untouched" : old ? "void" : "refused";
    return { ...each, effect, because, promotedBy: [] };
  });
}

/** What hits of signers and keys are found with. */
export interface SignerOptions extends RegistryOptions {
  readonly policy: string;
  /** The revocation document, and the same with the planned entry. */
  readonly before: string;
  readonly after: string;
  readonly timeout: number;
}

/**
 * Hits of revoked signers and keys: each image is judged by the webhook's own gate with the document as it is and as it
 * would be. The evidence of both is the same, so that nothing but the revocation differs.
 */
export async function hitBySigner(used: readonly Used[], options: SignerOptions): Promise<Hit[]> {
  const now = new Date();
  const { registries, dockerConfig, policy, timeout } = options;
  const composed = offlineGate({
    policy,
    now: () => now,
    ...(registries !== undefined && { registries }),
    ...(dockerConfig !== undefined && { dockerConfig }),
  });
  try {
    composed.revocations.offer(options.before);
    const before = await judgeAll(used, composed.gate, timeout);
    composed.revocations.offer(options.after);
    const after = await judgeAll(used, composed.gate, timeout);
    return used.map((each, at) => ({ ...each, ...compared(before[at]!, after[at]!) }));
  } finally {
    await composed.close();
  }
}

async function judgeAll(used: readonly Used[], gate: Gate, timeout: number): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  await eachAtMost(AT_ONCE, used, async ({ image, namespace }, at) => {
    const signal = AbortSignal.timeout(timeout * 1000);
    // advisory, so that a tag is resolved and judged instead of refused for being one
    const subjects = [{ image, place: "plan" }];
    verdicts[at] = await gate.admit({ namespace, mode: () => "advisory", subjects, access: {}, signal });
  });
  return verdicts;
}

function compared(before: Verdict, after: Verdict): Pick<Hit, "effect" | "because" | "promotedBy"> {
  const promotedBy = proofsOf(before).filter((proof) => SUMMARY.test(proof));
  const fault = [...before.objections, ...after.objections].find(({ kind }) => kind === "fault");
  if (fault !== undefined) return { effect: "unknown", because: [fault.message], promotedBy };
  const lost = proofsOf(before).filter((proof) => !proofsOf(after).includes(proof));
  const was = new Set(before.objections.map(sameness));
  const caused = after.objections.filter((each) => !was.has(sameness(each)));
  if (caused.length > 0) {
    const because = caused.filter(isRevocation).map(({ message }) => message);
    return { effect: "refused", because, promotedBy };
  }
  if (lost.length > 0) return { effect: "weakened", because: lost.map((each) => `not ${each}`), promotedBy };
  const old = before.objections.filter(isRevocation).map(({ message }) => message);
  return { effect: old.length > 0 ? "void" : "untouched", because: old, promotedBy };
}

function proofsOf({ judged }: Verdict): string[] {
  return judged.flatMap(({ proofs }) => [...proofs]);
}

function isRevocation({ kind, code }: Objection): boolean {
  return kind === "finding" && gateOf(code) === "revocation";
}

function sameness(objection: Objection): string {
  return objection.kind === "finding" ? JSON.stringify([objection.code, objection.rule]) : objection.code;
}
