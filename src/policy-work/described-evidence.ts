import {
  type Attestation,
  type Digest,
  digestOf,
  type Evidence,
  PREDICATE_TYPES,
  type Proof,
  type Signer,
} from "../core/index.ts";
import type { SignerOf } from "../policy/index.ts";
import { assumeVerified, describedAttestation } from "../verify/index.ts";
import type { CaseFacts, SignedFact } from "./cases-document.ts";

/** A signer that cannot be made, and where it is described. */
export interface UnknownSigner {
  readonly path: readonly (string | number)[];
  readonly why: string;
}

/** What facts are about, and by whom. */
export interface Described {
  readonly facts: CaseFacts;
  readonly subject: Digest;
  /** `registry/repository`. */
  readonly repository: string;
  readonly signerOf: SignerOf;
  readonly now: Date;
}

/** The signers of facts that the policy does not have, each with its place in them. */
export function unknownSigners(facts: CaseFacts, signerOf: SignerOf): UnknownSigner[] {
  return Object.entries(facts).flatMap(([kind, list]) =>
    list.flatMap((fact, at) => {
      const found = signerFor(fact, signerOf);
      return found.ok ? [] : [{ path: [kind, at], why: found.why }];
    }),
  );
}

/** The evidence that the facts describe, as if it had been verified. Throws where a fact is past a limit of the gate. */
export function describedEvidence(described: Described): Evidence {
  const { facts, subject, now } = described;
  return assumeVerified({
    subject,
    trustGeneration: "described",
    collectedAt: now,
    signatures: facts.signatures.map((fact, at) => proofOf(fact, `signature ${at}`, described)),
    attestations: attestationsOf(described),
    rejections: [],
    searched: ["the case"],
    gaps: [],
  });
}

function attestationsOf(described: Described): Attestation[] {
  const { facts, subject, repository, now } = described;
  const proof = (fact: SignedFact, name: string): Proof => proofOf(fact, name, described);
  return [
    ...facts.provenance.map((fact, at): Attestation => {
      const { builder, buildType, workflow, trigger, startedAt, finishedAt } = fact;
      const build = {
        builderId: builder,
        buildType,
        sources: sourcesOf(fact),
        workflow,
        trigger,
        startedAt,
        finishedAt,
      };
      const predicateType = PREDICATE_TYPES.provenanceV1;
      return { ...proof(fact, `provenance ${at}`), predicateType, provenance: present(build) };
    }),
    ...facts.sboms.map((fact, at): Attestation => {
      const { format, components, createdAt } = fact;
      const [predicateType, specVersion] = SBOM_TYPES[format];
      return {
        ...proof(fact, `sbom ${at}`),
        predicateType,
        sbom: present({ format, specVersion, components, createdAt }),
      };
    }),
    ...facts.scans.map((fact, at): Attestation => {
      const { scanner, finishedAt = now, vulnerabilities } = fact;
      const scan = { scanner, finishedAt, vulnerabilities: vulnerabilities.map(present) };
      return { ...proof(fact, `scan ${at}`), predicateType: PREDICATE_TYPES.vulnsV02, scan };
    }),
    ...facts.attestations.map((fact, at) => {
      const { predicateType, predicate } = fact;
      const about = { predicateType, predicate, subject, subjectNames: [repository] };
      return describedAttestation(proof(fact, `attestation ${at}`), about);
    }),
  ];
}

const SBOM_TYPES = {
  spdx: [PREDICATE_TYPES.spdx, "2.3"],
  cyclonedx: [PREDICATE_TYPES.cyclonedx, "1.6"],
} as const;

function sourcesOf({ repository, ref, commit }: CaseFacts["provenance"][number]) {
  return repository === undefined ? [] : [present({ repository, ref, commit })];
}

function proofOf(fact: SignedFact, name: string, { signerOf, now, subject }: Described): Proof {
  const signer = signerFor(fact, signerOf);
  if (!signer.ok) throw new TypeError(signer.why); // the caller has asked for unknown signers
  const statement = digestOf(`${subject} ${name}`);
  const { time = now, logged } = fact;
  return {
    signer: signer.signer,
    form: "bundle",
    ...(time !== "none" && { trustedTime: time, timeSource: "timestamp" as const }),
    logged,
    attachment: statement,
    statement,
  };
}

function signerFor({ by, identity, claims, signer }: SignedFact, signerOf: SignerOf): ReturnType<SignerOf> {
  if (by !== undefined) return signerOf(by, { identity, claims: claims && present(claims) });
  const { claims: stated = {}, ...rest } = signer!;
  const stranger: Signer = { kind: "keyless", ...rest, claims: present(stated) };
  return { ok: true, signer: stranger };
}

/** The same without fields that are undefined. */
function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
