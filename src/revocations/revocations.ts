import {
  type Digest,
  type Parsed,
  parseJson,
  type Pattern,
  type Proof,
  provenSince,
  type Signer,
} from "../core/index.ts";
import { readChecked, readDocument } from "../documents/index.ts";
import { NonPromotableDocument, RevocationDocument, RevocationsDocument } from "./document.ts";

/** A revocation in force. */
export type Revocation = RevocationDocument;

/** Everything that is void. */
export interface Revocations {
  readonly digests: ReadonlyMap<Digest, Revocation>;
  readonly keys: ReadonlyMap<Digest, readonly Revocation[]>;
  readonly signers: readonly Revocation[];
  /** Whether a key or a signer counts again after some time: an older copy of a statement may then void it. */
  readonly hasWindowEnds: boolean;
  /** Why, by digest, an image must not be promoted. */
  readonly nonPromotable: ReadonlyMap<Digest, string>;
  /** All of them, in the order of the document. */
  readonly entries: readonly Revocation[];
}

/** Nothing is void. */
export const NO_REVOCATIONS: Revocations = {
  digests: new Map(),
  keys: new Map(),
  signers: [],
  hasWindowEnds: false,
  nonPromotable: new Map(),
  entries: [],
};

/** Reads the revocation document, whole or not at all. */
export function parseRevocations(text: string): Parsed<Revocations> {
  const read = readDocument(text, RevocationsDocument);
  return read.ok ? { ok: true, value: indexed(read.value) } : read;
}

/** What a document of revocations says, as JSON, where it is a good one: for another thread, see `policyContent`. */
export function revocationsContent(text: string): Parsed<string> {
  const read = readChecked(text, RevocationsDocument);
  return read.ok ? { ok: true, value: JSON.stringify(read.value.content) } : read;
}

/**
 * The revocations of a content that `revocationsContent` gave. Entries are read one by one, and `pause` is waited for after
 * each, so that a long list keeps nothing else waiting. Rejects where the content is none.
 */
export async function revocationsFrom(content: string, pause: () => Promise<void>): Promise<Revocations> {
  const { revocations, nonPromotable = [] } = parseJson(content) as Content;
  const document = RevocationsDocument.parse({ revocations: [], nonPromotable: [] });
  for (const entry of revocations) {
    document.revocations.push(RevocationDocument.parse(entry));
    await pause();
  }
  for (const entry of nonPromotable) {
    document.nonPromotable.push(NonPromotableDocument.parse(entry));
    await pause();
  }
  return indexed(document);
}

interface Content {
  readonly revocations: readonly unknown[];
  readonly nonPromotable?: readonly unknown[];
}

function indexed({ revocations, nonPromotable }: RevocationsDocument): Revocations {
  const withKey = revocations.filter((each) => each.key !== undefined);
  return {
    digests: new Map(
      revocations.flatMap((each) => (each.digest === undefined ? [] : [[each.digest, each] as const])),
    ),
    keys: Map.groupBy(withKey, ({ key }) => key!),
    signers: revocations.filter(({ issuer }) => issuer !== undefined),
    hasWindowEnds: revocations.some(({ digest, until }) => digest === undefined && until !== undefined),
    nonPromotable: new Map(nonPromotable.map(({ digest, reason }) => [digest, reason])),
    entries: revocations,
  };
}

/**
 * The revocation that voids a proof, the first of the document where there are several. The window is `[from, until)` on
 * the time that a log or a timestamp authority vouches for; a proof with no such time counts as inside. Of a statement with
 * copies, neither the proof's own time nor that of the first copy may be inside: a stamp made today leads out of no window.
 */
export function voidedBy({ keys, signers }: Revocations, proof: Proof): Revocation | undefined {
  const { signer, trustedTime } = proof;
  const times = [trustedTime, provenSince(proof)];
  const candidates =
    signer.kind === "key"
      ? (keys.get(signer.fingerprint) ?? [])
      : signers.filter((revocation) => namesSigner(revocation, signer));
  return candidates.find(({ from, until }) => times.some((time) => isWithin(time, from, until)));
}

function namesSigner(
  { issuer, identity, sourceRepository }: Revocation,
  signer: Extract<Signer, { kind: "keyless" }>,
): boolean {
  return (
    issuer === signer.issuer &&
    (identity === undefined || identity.matches(signer.identity)) &&
    (sourceRepository === undefined || mayBe(sourceRepository, signer.claims.sourceRepositoryURI))
  );
}

/** A certificate that does not say where it comes from may come from there. */
function mayBe(pattern: Pattern, claim: string | undefined): boolean {
  return claim === undefined || pattern.matches(claim);
}

function isWithin(time: Date | undefined, from: Date | undefined, until: Date | undefined): boolean {
  if (time === undefined) return true;
  return (from === undefined || from <= time) && (until === undefined || time < until);
}
