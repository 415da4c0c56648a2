import {
  type Attestation,
  type Evidence,
  Fault,
  FAULTS,
  type FaultCode,
  type ImageContents,
  type Proof,
  type Signature,
  type TrustSnapshot,
} from "../core/index.ts";
import type { RecordedEvidence, RecordedReads } from "../gate/index.ts";
import { approvalKey, type DecisionLine } from "../record/index.ts";
import { assumeVerified } from "../verify/index.ts";

type Basis = NonNullable<DecisionLine["basis"]>;
type Read<T> = { readonly value: T } | { readonly fault: Fault };

/** A record is not what is needed to judge a decision again: one clause. */
export class NotReplayable extends Error {
  override readonly name = "NotReplayable";
}

/** The value of a fact by its digest. Throws NotReplayable where it is not there. */
export type FactOf = (digest: string) => unknown;

/** What a decision had read, with the evidence as it was verified then. Throws NotReplayable. */
export function recordedReads(basis: Basis, factOf: FactOf): RecordedReads {
  const tags = new Map(
    basis.tags?.map(({ tag, ...read }) => [tag, outcomeOf(read.fault, () => read.digest ?? undefined)]),
  );
  const contents = new Map(
    basis.contents?.map(({ image, fault, facts }) => [
      image,
      outcomeOf(fault, () => (typeof facts === "string" ? (factOf(facts) as ImageContents) : undefined)),
    ]),
  );
  const approvals = new Map(
    basis.approvals?.map(({ approval, fault, facts }) => [
      approval,
      outcomeOf(fault, () => signedOf(factOf(needed(facts)))),
    ]),
  );
  return {
    tag: (key) => tags.get(key),
    contents: (key) => contents.get(key),
    evidence: basis.evidence.map((each) => evidenceOf(each, factOf)),
    approval: (approval) => approvals.get(approvalKey(approval)),
  };
}

/** The trust material by which evidence was verified, without its roots: nothing is verified again. Throws NotReplayable. */
export function recordedTrust({ trust }: Basis, factOf: FactOf): TrustSnapshot {
  if (typeof trust !== "string") throw faultOf(trust.fault);
  const { generation, keys } = factOf(trust) as Pick<TrustSnapshot, "generation" | "keys">;
  return { generation, keys, roots: [] };
}

/** Throws NotReplayable where this version knows no such fault. */
function faultOf({ code, message }: { readonly code: string; readonly message: string }): Fault {
  if (!Object.hasOwn(FAULTS, code)) throw new NotReplayable(`this version knows no fault ${code}`);
  return new Fault(code as FaultCode, message);
}

function outcomeOf<T>(fault: Parameters<typeof faultOf>[0] | undefined, value: () => T): Read<T> {
  return fault === undefined ? { value: value() } : { fault: faultOf(fault) };
}

function needed(facts: string | null | undefined): string {
  if (typeof facts === "string") return facts;
  throw new NotReplayable("it names no fact where there has to be one");
}

function evidenceOf(each: Basis["evidence"][number], factOf: FactOf): RecordedEvidence {
  const { image, wants, fault, facts, collectedAt, trustGeneration, ofOthers, stale } = each;
  const found = () => {
    if (collectedAt === undefined || trustGeneration === undefined)
      throw new NotReplayable("it does not say when its evidence was collected");
    const evidence = {
      ...verified(factOf(needed(facts))),
      collectedAt: new Date(collectedAt),
      trustGeneration,
    };
    return {
      evidence,
      ...(ofOthers && { isOfOthers: true as const }),
      ...(stale && { staleBecause: faultOf(stale) }),
    };
  };
  return { image, asked: wants, isThorough: each.thorough === true, outcome: outcomeOf(fault, found) };
}

type Undated = Omit<Evidence, "collectedAt" | "trustGeneration">;

/** Many decisions rest on the same fact: it is read once. */
const read = new WeakMap<object, Undated>();

/** Evidence of a fact, with instants again. */
function verified(fact: unknown): Undated {
  const value = fact as Undated;
  const known = read.get(value);
  if (known !== undefined) return known;
  const {
    collectedAt: _,
    trustGeneration: __,
    ...evidence
  } = assumeVerified({
    ...value,
    collectedAt: new Date(0),
    trustGeneration: "",
    signatures: value.signatures.map((each): Signature => dated(each)),
    attestations: value.attestations.map(datedAttestation),
  });
  read.set(value, evidence);
  return evidence;
}

function signedOf(fact: unknown): readonly Proof[] | string {
  return typeof fact === "string" ? fact : (fact as Proof[]).map((each) => dated(each));
}

function dated<T extends Proof>(proof: T): T {
  const { copies } = proof;
  return { ...withDates(proof, ["trustedTime"]), ...(copies && { copies: withDates(copies, ["since"]) }) };
}

function datedAttestation(attestation: Attestation): Attestation {
  const { provenance, sbom, scan, vex, summary } = attestation;
  return {
    ...dated(attestation),
    ...(provenance && { provenance: withDates(provenance, ["startedAt", "finishedAt"]) }),
    ...(sbom && { sbom: withDates(sbom, ["createdAt"]) }),
    ...(scan && { scan: withDates(scan, ["finishedAt"]) }),
    ...(vex && { vex: { ...vex, statements: vex.statements.map((each) => withDates(each, ["statedAt"])) } }),
    ...(summary && { summary: withDates(summary, ["verifiedAt"]) }),
  };
}

/** JSON has instants as text. */
function withDates<T extends object>(value: T, keys: readonly (keyof T)[]): T {
  const dates = keys.flatMap((key) => {
    const text: unknown = value[key];
    if (text === undefined) return [];
    const date = new Date(text as string);
    if (Number.isNaN(date.getTime())) throw new NotReplayable(`${String(key)} of a fact is not an instant`);
    return [[key, date] as const];
  });
  return dates.length === 0 ? value : { ...value, ...(Object.fromEntries(dates) as Partial<T>) };
}
