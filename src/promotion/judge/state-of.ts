import {
  type Digest,
  type Evidence,
  gateOf,
  type Objection,
  printable,
  type Verdict,
} from "../../core/index.ts";
import type { ImageLine } from "../inventory/lines.ts";
import { MAX_REASONS, type Reason, type State } from "./lines.ts";

/** How much later than the image its provenance is where it is that of a rebuild: a slow push or a skewed clock is less. */
const REBUILD_MS = 24 * 3_600_000;

/** Authorities whose provenance a rule accepts, and whether that of each alone is enough. */
export interface ProvenanceSigners {
  readonly names: readonly string[];
  readonly isEachEnough: boolean;
}

/** What of its evidence the rules count: by authorities that they name, and not revoked. */
export interface Counted {
  readonly attachments: readonly Digest[];
  /** One for each requirement of provenance. */
  readonly provenance: readonly ProvenanceSigners[];
}

/** What the gate says of an image, and by what. */
export interface Judgement {
  /** Of the gate without waivers, in enforce. */
  readonly verdict: Verdict;
  /** Absent where none was needed. */
  readonly evidence: Evidence | undefined;
  readonly counted: Counted;
  /** Whether a rule that covers it asks for provenance. */
  readonly asksProvenance: boolean;
}

/** What links an image without provenance to the run that built it. */
export interface LegacyLink {
  readonly run: string;
  readonly commit: string;
}

/** A state and why. */
export interface Stated {
  readonly state: State;
  readonly reasons: readonly Reason[];
}

/**
 * The state that a verdict comes to. That no summary was written yet does not count: it is what is to be written. A summary of
 * another verifier that says FAILED does.
 */
export function stateOf(line: ImageLine, { verdict, evidence, asksProvenance }: Judgement): Stated {
  const objections = besidesSummaries(verdict.objections);
  const faults = objections.filter(({ kind }) => kind === "fault");
  if (faults.length > 0) return { state: "unknown", reasons: reasonsOf(faults) };
  if (objections.length > 0) return { state: "non-promotable", reasons: reasonsOf(objections) };
  if (verdict.decision !== "allow" && verdict.objections.length === 0)
    return unknown("the gate refuses it and does not say why");
  if (!asksProvenance) {
    const message = "no rule of the policy asks for its provenance, so nothing is proven";
    return { state: "non-promotable", reasons: [{ code: "policy/unmatched", message }] };
  }
  if (evidence === undefined) return unknown("the evidence that it was judged by is not known");
  return proven(line, evidence);
}

function unknown(message: string): Stated {
  return { state: "unknown", reasons: [{ code: "internal/unexpected", message }] };
}

/** A summary by a revoked signer is one that is lacking: its successor may promote the image again. */
function besidesSummaries(all: readonly Objection[]): Objection[] {
  const consequences = all.filter((each) => each.kind === "finding" && each.isConsequence);
  const isOfSummaries = consequences.length > 0 && consequences.every(isLackOfSummary);
  return all.filter(
    (each) => !isLackOfSummary(each) && !(isOfSummaries && each.code === "revocation/signer"),
  );
}

function isLackOfSummary({ kind, code }: Objection): boolean {
  return kind === "finding" && gateOf(code) === "promotable" && code !== "promotable/refused";
}

function reasonsOf(objections: readonly Objection[]): Reason[] {
  return objections
    .slice(0, MAX_REASONS)
    .map(({ code, message }) => ({ code, message: printable(message, 700) }));
}

/** Its provenance verifies: whether the build that it speaks of is the one that made the image, or a later one. */
function proven(line: ImageLine, evidence: Evidence): Stated {
  const built = evidence.attestations.flatMap(({ provenance, trustedTime }) =>
    provenance === undefined ? [] : [provenance.startedAt ?? trustedTime],
  );
  const existed = existedSince(line, evidence);
  const isLater = (at: Date | undefined): boolean =>
    at !== undefined && existed !== undefined && at.getTime() - existed.getTime() > REBUILD_MS;
  if (built.length === 0 || !built.every(isLater)) {
    return {
      state: "promotable",
      reasons: [{ code: "provenance", message: "its original provenance verifies" }],
    };
  }
  const message = `a build that began a day or more after ${existed!.toISOString()}, when the image existed, made the same digest`;
  return { state: "promotable-rebuilt", reasons: [{ code: "provenance", message }] };
}

/** The earliest instant at which a registry or a log saw the image; undefined where none did. */
export function existedSince({ time }: ImageLine, evidence: Evidence | undefined): Date | undefined {
  const proofs = [...(evidence?.signatures ?? []), ...(evidence?.attestations ?? [])];
  const times = proofs.flatMap(({ trustedTime }) => trustedTime?.getTime() ?? []);
  const all = time === undefined ? times : [...times, Date.parse(time)];
  return all.length === 0 ? undefined : new Date(all.reduce((least, each) => Math.min(least, each)));
}

/** Whether all that it lacks is provenance and signatures: then its history may still be linked. */
export function lacksHistoryOnly({ verdict }: Judgement): boolean {
  const findings = besidesSummaries(verdict.objections);
  return (
    findings.length > 0 &&
    findings.every(
      ({ kind, code }) =>
        kind === "finding" && (code === "provenance/missing" || code === "signature/missing"),
    )
  );
}
