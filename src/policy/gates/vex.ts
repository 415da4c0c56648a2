import {
  type Attestation,
  PREDICATE_TYPES,
  predicateFamily,
  printable,
  repositoryName,
  type VexStatement,
  type Vulnerability,
} from "../../core/index.ts";
import { type Composition, signerId } from "../signers.ts";
import type { GateContext } from "./gate.ts";
import { list } from "./messages.ts";
import { type Quorum, quorumOf, split, timeOf } from "./quorum.ts";

const LOWERING: readonly string[] = ["not_affected", "fixed"];
const MAX_WHY = 200;

/** What OpenVEX statements say of one vulnerability. */
export interface Clearance {
  /** Whether trusted statements say that this image is not affected by it, or is rid of it. */
  readonly isLowered: boolean;
  /** Why an all-clear about it does not count, one clause; undefined where there is none. */
  readonly setAside?: string | undefined;
}

/** One signer's word on some vulnerabilities of this image. */
interface Word {
  readonly attestation: Attestation;
  /** Undefined for a document that cannot be read, which may speak of anything. */
  readonly statement?: VexStatement;
  /** The only packages it is about; the whole image where undefined. */
  readonly packages?: ReadonlySet<string> | undefined;
  readonly isLowering: boolean;
  /** The earliest that is known where it lowers, and the latest where it does not; what nothing dates likewise. */
  readonly time: number;
}

/** Values by the names of vulnerabilities, in any case; those under no name are about every one. */
type ByName<T> = ReadonlyMap<string | undefined, readonly T[]>;

/**
 * What trusted OpenVEX statements say of each vulnerability. Of each signer the newest word counts, every signer who speaks
 * of it must agree, and there must be enough of them: a statement taken back, or contradicted, lowers nothing. A statement
 * that names a repository without a digest counts for an image of that repository, where the subject of the attestation,
 * which its signer signed with it, calls the digest by that repository, too: where an image is deployed from, its user says.
 */
export function clearances(
  composition: Composition | undefined,
  context: GateContext,
): (vulnerability: Vulnerability) => Clearance {
  if (composition === undefined) return () => ({ isLowered: false });
  const quorum = quorumOf(composition, context);
  const found = context.evidence.attestations.filter(isVex);
  const { trusted } = split(found, quorum);
  const repository = repositoryName(context.image);
  const words = index(
    trusted.flatMap((each) => wordsOf(each, repository)),
    ({ statement }) => statement?.vulnerabilities,
  );
  const asides = index(
    found.flatMap((each) => asidesOf(each, { quorum, repository })),
    ({ vulnerabilities }) => vulnerabilities,
  );
  return (vulnerability) => {
    const named = lookUp(words, vulnerability);
    const about = named.filter((word) => covers(word, vulnerability));
    if (isLowered(about, quorum)) return { isLowered: true };
    const setAside =
      whyNot(named, about, quorum) ?? lookUp(asides, vulnerability).map(({ clause }) => clause)[0];
    return { isLowered: false, setAside };
  };
}

function index<T>(items: readonly T[], names: (item: T) => readonly string[] | undefined): ByName<T> {
  const byName = new Map<string | undefined, T[]>();
  for (const item of items) {
    for (const name of names(item)?.map(fold) ?? [undefined]) {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [item]);
      else known.push(item);
    }
  }
  return byName;
}

function lookUp<T>(byName: ByName<T>, { id, aliases = [] }: Vulnerability): T[] {
  const names = new Set([undefined, ...[id, ...aliases].map(fold)]);
  return [...names].flatMap((name) => byName.get(name) ?? []);
}

function isVex({ predicateType }: Attestation): boolean {
  return predicateFamily(predicateType) === PREDICATE_TYPES.openVex;
}

function wordsOf(attestation: Attestation, repository: string): Word[] {
  const { vex } = attestation;
  if (vex === undefined) {
    return [{ attestation, isLowering: false, time: latestOf(attestation) }];
  }
  return vex.statements.flatMap((statement): Word[] => {
    if (isElsewhere(statement, repository)) return [];
    const isLowering = lowers(statement);
    const time = isLowering
      ? (timeOf(attestation, statement.statedAt) ?? Number.NEGATIVE_INFINITY)
      : latestOf(attestation, statement.statedAt);
    const packages = statement.packages === undefined ? undefined : new Set(statement.packages);
    return [{ attestation, statement, packages, isLowering, time }];
  });
}

function isElsewhere({ repository: only }: VexStatement, repository: string): boolean {
  return only !== undefined && only !== repository;
}

/** Documents are edited and keep old dates: what is taken back late is taken back. */
function latestOf({ trustedTime }: Attestation, declared?: Date): number {
  if (trustedTime === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(trustedTime.getTime(), declared?.getTime() ?? Number.NEGATIVE_INFINITY);
}

/** Ids are written in any case. */
function fold(name: string): string {
  return name.toUpperCase();
}

/** OpenVEX asks for a reason with `not_affected`; without one it is an assertion that no one can check. */
function lowers({ status, justification }: VexStatement): boolean {
  return LOWERING.includes(status) && (status !== "not_affected" || justification !== undefined);
}

/** Where it is not known which packages are meant, a word that does not lower may mean any. */
function covers({ packages: only, isLowering }: Word, { package: name }: Vulnerability): boolean {
  if (only === undefined) return true;
  return name === undefined || only.size === 0 ? !isLowering : only.has(name);
}

function isLowered(about: readonly Word[], quorum: Quorum): boolean {
  return about.length > 0 && !isContradicted(about) && quorum.isMet(proofsOf(about));
}

/** Whether the newest word of some signer does not lower it. */
function isContradicted(about: readonly Word[]): boolean {
  const bySigner = Map.groupBy(about, ({ attestation }) => signerId(attestation.signer));
  return [...bySigner.values()].some((claims) => {
    const last = Math.max(...claims.map(({ time }) => time));
    return claims.some(({ time, isLowering }) => time === last && !isLowering);
  });
}

/** The proofs of words that lower. */
function proofsOf(about: readonly Word[]): Attestation[] {
  return about.filter(({ isLowering }) => isLowering).map(({ attestation }) => attestation);
}

/**
 * Why words of trusted signers do not lower it, the nearest reason first; undefined where there is no all-clear at
 * all.
 */
function whyNot(named: readonly Word[], about: readonly Word[], quorum: Quorum): string | undefined {
  const unread = named.find(({ statement }) => statement === undefined);
  if (unread !== undefined) {
    return `an OpenVEX document cannot be read: ${printable(unread.attestation.unreadable ?? "it holds none", MAX_WHY)}`;
  }
  const lowering = proofsOf(about);
  if (lowering.length > 0) {
    return isContradicted(about)
      ? `of the OpenVEX statements about it, ${contradiction(about)}`
      : `its OpenVEX statement is signed by only ${quorum.shortage(lowering)}`;
  }
  if (about.some(({ statement }) => statement?.status === "not_affected"))
    return "its OpenVEX statement says not_affected without a justification";
  const other = named.find(({ isLowering }) => isLowering);
  if (other === undefined) return undefined;
  return `its OpenVEX statement is about other packages: ${list([...(other.packages ?? [])])}`;
}

/** What contradicts an all-clear. One without a time may be the newest, so that repeating the all-clear changes nothing. */
function contradiction(about: readonly Word[]): string {
  const isUndated = about.some(({ time, isLowering }) => !isLowering && time === Number.POSITIVE_INFINITY);
  return isUndated
    ? "one without a trusted time does not clear it, and no later one replaces it"
    : "a newer or equally new one does not clear it";
}

/** All-clears that do not count: about other products, about another repository, or by someone else. */
function asidesOf(
  attestation: Attestation,
  { quorum, repository }: { readonly quorum: Quorum; readonly repository: string },
): { readonly vulnerabilities: readonly string[]; readonly clause: string }[] {
  const { statements, setAside } = attestation.vex ?? { statements: [], setAside: [] };
  const miss = quorum.mismatch(attestation);
  if (miss !== undefined) {
    const clause = `its OpenVEX statement is signed by ${miss.clause}`;
    return statements.filter(lowers).map(({ vulnerabilities }) => ({ vulnerabilities, clause }));
  }
  const elsewhere = statements.filter((each) => lowers(each) && isElsewhere(each, repository));
  return [
    ...elsewhere.map(({ vulnerabilities, repository: other = "" }) => ({
      vulnerabilities,
      clause: speaksOf(other, "which is another repository"),
    })),
    ...setAside.map(({ vulnerabilities, product, why }) => ({
      vulnerabilities,
      clause: speaksOf(product, why),
    })),
  ];
}

function speaksOf(product: string, why: string): string {
  return `its OpenVEX statement is about ${printable(product, MAX_WHY)}, ${why}`;
}
