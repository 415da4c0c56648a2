import { foldName, isSamePerson, printable, type Proof, type PublicKey } from "../../core/index.ts";
import { type Approvers, principalId } from "../../policy/index.ts";
import { type Revocations, voidedBy } from "../../revocations/index.ts";
import type { SignableApproval, Waiver } from "../../waivers/index.ts";

/** Verified signatures over an approval, one for each trust root that vouches; or why there is none, one clause. */
export type Signed = readonly Proof[] | string;

/** What approvals are judged by. */
export interface ApprovalRules {
  readonly approvers: Approvers;
  readonly keys: readonly PublicKey[];
  readonly revocations: Revocations;
}

/**
 * Why a waiver does not count where approvals must be signed, one clause; undefined where it does. Every approval must
 * be signed by the person that it names, in a seat that is theirs, no two of them by one signer, and one of them at
 * least by someone who neither owns the waiver nor asked for it. Pure; applied at every decision, so that a revocation
 * counts at once.
 */
export function approvalProblem(
  { approvals, owners, requestedBy }: Waiver,
  signed: readonly Signed[],
  rules: ApprovalRules,
): string | undefined {
  if (approvals.length === 0) return "it has no approval";
  const signers = new Set<string>();
  for (const [at, approval] of approvals.entries()) {
    const found = approvingProof(approval, signed[at] ?? "it was not checked", rules);
    if (typeof found === "string")
      return `the approval by ${printable(approval.by, 60)} does not count: ${found}`;
    signers.add(principalId(found.signer));
  }
  if (signers.size < approvals.length) return "one signer made two of its approvals";
  const interested = [...owners, ...(requestedBy === undefined ? [] : [requestedBy])];
  if (approvals.every(({ by }) => interested.some((person) => isSamePerson(person, by))))
    return "only its owners or its requester approved it";
  return undefined;
}

/** The proof by which an approval counts, or why none does. */
function approvingProof(
  { by, seat }: SignableApproval,
  signed: Signed,
  { approvers, keys, revocations }: ApprovalRules,
): Proof | string {
  const approver = approvers.get(foldName(by));
  if (approver === undefined) return "the policy names no such approver";
  if (!approver.seats.includes(seat)) return `the policy does not give them the seat ${printable(seat, 60)}`;
  if (typeof signed === "string") return signed;
  const faults: string[] = [];
  for (const proof of signed) {
    const revocation = voidedBy(revocations, proof);
    const mismatch = approver.authority.mismatch(proof, keys);
    if (revocation === undefined && mismatch === undefined) return proof;
    faults.push(
      revocation === undefined
        ? `it is signed by ${mismatch!.clause}`
        : `revocation ${revocation.id} voids the signature`,
    );
  }
  return faults[0] ?? "it proves nothing";
}
