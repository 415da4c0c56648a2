import {
  type Attestation,
  PREDICATE_TYPES,
  predicateFamily,
  type VexStatement,
  type Vulnerability,
} from "../../core/index.ts";
import { type Composition, signerId } from "../signers.ts";
import type { GateContext } from "./gate.ts";
import { type Quorum, quorumOf, split, timeOf } from "./quorum.ts";

const LOWERING: readonly string[] = ["not_affected", "fixed"];

/** One signer's word on some vulnerabilities of this image. */
interface Word {
  readonly attestation: Attestation;
  /** Undefined for a document that cannot be read, which may speak of anything. */
  readonly statement?: VexStatement;
  readonly isLowering: boolean;
  /** The earliest that is known where it lowers, and the latest where it does not; what nothing dates likewise. */
  readonly time: number;
}

/**
 * Whether trusted OpenVEX statements say that this image is not affected by a vulnerability, or is rid of it. Of each
 * signer the newest word counts, every signer who speaks of it must agree, and there must be enough of them: a
 * statement taken back, or contradicted, lowers nothing.
 */
export function loweredBy(
  composition: Composition | undefined,
  context: GateContext,
): (vulnerability: Vulnerability) => boolean {
  if (composition === undefined) return () => false;
  const quorum = quorumOf(composition, context);
  const found = context.evidence.attestations.filter(isVex);
  const words = split(found, quorum).trusted.flatMap(wordsOf);
  const byName = new Map<string | undefined, Word[]>();
  for (const word of words) {
    for (const name of word.statement?.vulnerabilities.map(fold) ?? [undefined]) {
      byName.set(name, [...(byName.get(name) ?? []), word]);
    }
  }
  return (vulnerability) => {
    const names = [undefined, ...[vulnerability.id, ...(vulnerability.aliases ?? [])].map(fold)];
    const about = names
      .flatMap((name) => byName.get(name) ?? [])
      .filter((word) => covers(word, vulnerability));
    return isLowered(about, quorum);
  };
}

function isVex({ predicateType }: Attestation): boolean {
  return predicateFamily(predicateType) === PREDICATE_TYPES.openVex;
}

function wordsOf(attestation: Attestation): Word[] {
  const { vex } = attestation;
  if (vex === undefined) {
    return [{ attestation, isLowering: false, time: latestOf(attestation) }];
  }
  return vex.statements.map((statement) => {
    const isLowering = lowers(statement);
    const time = isLowering
      ? (timeOf(attestation, statement.statedAt) ?? Number.NEGATIVE_INFINITY)
      : latestOf(attestation, statement.statedAt);
    return { attestation, statement, isLowering, time };
  });
}

/** Documents are edited and keep old dates: what is taken back late is taken back. */
function latestOf({ trustedTime }: Attestation, stated?: Date): number {
  if (trustedTime === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(trustedTime.getTime(), stated?.getTime() ?? Number.NEGATIVE_INFINITY);
}

/** Ids are written in any case. */
function fold(name: string): string {
  return name.toUpperCase();
}

/** OpenVEX asks for a reason with `not_affected`; without one it is an assertion that nobody can check. */
function lowers({ status, justification }: VexStatement): boolean {
  return LOWERING.includes(status) && (status !== "not_affected" || justification !== undefined);
}

/** Where it is not known which packages are meant, a word that does not lower may mean any. */
function covers({ statement, isLowering }: Word, { package: name }: Vulnerability): boolean {
  const only = statement?.packages;
  if (only === undefined) return true;
  return name === undefined || only.length === 0 ? !isLowering : only.includes(name);
}

function isLowered(about: readonly Word[], quorum: Quorum): boolean {
  if (about.length === 0) return false;
  const bySigner = Map.groupBy(about, ({ attestation }) => signerId(attestation.signer));
  for (const said of bySigner.values()) {
    const last = Math.max(...said.map(({ time }) => time));
    if (said.some(({ time, isLowering }) => time === last && !isLowering)) return false;
  }
  return quorum.isMet(about.filter(({ isLowering }) => isLowering).map(({ attestation }) => attestation));
}
