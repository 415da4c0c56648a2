import {
  type Digest,
  type Evidence,
  type Finding,
  gateOf,
  type ImageContents,
  type Objection,
  printable,
  type Proof,
  type Subject,
} from "../core/index.ts";
import { type Revocations, withoutRevoked, type RevokedProof } from "../revocations/index.ts";

const MAX_TEXT = 600;
const MAX_NAMED = 3;

/** Whether a list names images by their digests. */
export function namesDigests({ digests, nonPromotable }: Revocations): boolean {
  return digests.size + nonPromotable.size > 0;
}

/** What speaks against a digest whatever its evidence: that it is revoked, or on the list of non-promotable ones. */
export function digestFindings(subject: Subject, digest: Digest, revocations: Revocations): Finding[] {
  return listed(digest, revocations).map(({ code, says }) => {
    return { kind: "finding", code, subject, digest, message: printable(says("it"), MAX_TEXT) };
  });
}

/** An image with what it is made of. */
export interface ComposedImage {
  readonly image: Digest;
  readonly contents: ImageContents;
}

/**
 * What speaks against an image by another digest of its bytes, or by something that an index leads to: one finding for each
 * code, which names the first few. None is left out, since a waiver sets aside one code and not another.
 */
export function contentsFindings(
  subject: Subject,
  { image, contents: { digests, parts } }: ComposedImage,
  revocations: Revocations,
): Finding[] {
  const names = digests.map((digest) => ({ digest, what: `${digest}, which has the same bytes` }));
  const entries = parts.map((digest) => ({ digest, what: `${digest}, which this index lists` }));
  const found = [...names, ...entries]
    .filter(({ digest }) => digest !== image)
    .flatMap(({ digest, what }) =>
      listed(digest, revocations).map(({ code, says }) => ({ code, clause: says(what) })),
    );
  return [...Map.groupBy(found, ({ code }) => code)].map(([code, alike]): Finding => {
    const message = firstOf(alike.map(({ clause }) => clause));
    return { kind: "finding", code, subject, digest: image, message };
  });
}

/** The first clauses, each cut so that together they fit, and how many more there are. */
function firstOf(clauses: readonly string[]): string {
  const shown = clauses.slice(0, MAX_NAMED);
  const most = Math.floor(MAX_TEXT / shown.length);
  const more = clauses.length > shown.length ? `; and ${clauses.length - shown.length} more` : "";
  return `${shown.map((each) => printable(each, most)).join("; ")}${more}`;
}

interface Listed {
  readonly code: Finding["code"];
  /** What the list says, of something that is called so. */
  readonly says: (what: string) => string;
}

/** The lists that a digest is on. */
function listed(digest: Digest, { digests, nonPromotable }: Revocations): Listed[] {
  const revoked = digests.get(digest);
  const unpromotable = nonPromotable.get(digest);
  const found: Listed[] = [];
  if (revoked !== undefined) {
    const says = (what: string): string => `revocation ${revoked.id} voids ${what}: ${revoked.reason}`;
    found.push({ code: "revocation/digest", says });
  }
  if (unpromotable !== undefined) {
    const says = (what: string): string => `${what} is on the list of non-promotable images: ${unpromotable}`;
    found.push({ code: "promotable/refused", says });
  }
  return found;
}

/** Objections to what remains, and the evidence that remains. */
export interface JudgedEvidence {
  readonly objections: readonly Objection[];
  readonly evidence: Evidence;
}

/**
 * Judges evidence without the proofs that revocations void. What is found only because of them is a finding about the
 * signer, too, and that one no waiver sets aside. What is found only with them stays: a revocation takes trust away and
 * never gives any, so that a revoked scanner's bad word does not turn an older clean one into the newest.
 */
export function judgeUnrevoked(
  evidence: Evidence,
  revocations: Revocations,
  judge: (evidence: Evidence) => readonly Objection[],
): JudgedEvidence {
  const { evidence: left, voided } = withoutRevoked(evidence, revocations);
  const after = judge(left);
  if (voided.length === 0) return { objections: after, evidence: left };
  const before = judge(evidence);
  const caused = without(after, before).find((each) => each.kind === "finding");
  const objections = [
    ...(caused === undefined ? [] : [signerFinding(caused, voided)]),
    ...consequences(after, before),
    ...without(before, after),
  ];
  return { objections, evidence: left };
}

/** What is found only without the void proofs is reported by the finding about their signer. */
function consequences(after: readonly Objection[], before: readonly Objection[]): Objection[] {
  const caused = new Set(without(after, before));
  return after.map((each) =>
    each.kind === "finding" && caused.has(each) ? { ...each, isConsequence: true } : each,
  );
}

function without(some: readonly Objection[], others: readonly Objection[]): Objection[] {
  const known = new Set(others.map(sameness));
  return some.filter((each) => !known.has(sameness(each)));
}

function sameness(objection: Objection): string {
  const { code, rule } = objection;
  return JSON.stringify([code, rule, objection.kind === "finding" ? objection.ids : objection.gate]);
}

function signerFinding(caused: Finding, voided: readonly RevokedProof[]): Finding {
  const { subject, digest, rule } = caused;
  const clauses = [...new Set(voided.map(clauseOf))];
  const more = clauses.length > MAX_NAMED ? `, and ${clauses.length - MAX_NAMED} more` : "";
  const message = `without what is revoked it fails ${gateOf(caused.code)}: ${clauses.slice(0, MAX_NAMED).join("; ")}${more}`;
  return {
    kind: "finding",
    code: "revocation/signer",
    subject,
    ...(digest !== undefined && { digest }),
    ...(rule !== undefined && { rule }),
    message: printable(message, MAX_TEXT),
  };
}

function clauseOf({ proof, revocation }: RevokedProof): string {
  return `revocation ${revocation.id} voids what ${signerOf(proof)} signed ${whenOf(proof)} (${printable(revocation.reason, 80)})`;
}

function signerOf({ signer }: Proof): string {
  return printable(signer.kind === "key" ? `key ${signer.fingerprint.slice(0, 19)}` : signer.identity, 120);
}

function whenOf({ trustedTime }: Proof): string {
  return trustedTime === undefined ? "at an unverified time" : `at ${trustedTime.toISOString()}`;
}
