import { isDeepStrictEqual } from "node:util";

import { asFault, type Verdict } from "../core/index.ts";
import { judgeAgain, type JudgedAgain, type RecordedReads } from "../gate/index.ts";
import type { Policy } from "../policy/index.ts";
import type { DecisionLine, ReadLine } from "../record/index.ts";
import type { Revocations } from "../revocations/index.ts";
import type { WaiverRegistry } from "../waivers/index.ts";
import { RecordedFacts } from "./recorded-documents.ts";
import { NotReplayable, recordedReads, recordedTrust } from "./recorded-reads.ts";
import { ReplayGroups, type ReplayReport } from "./replay-groups.ts";

/** By what decisions are judged again. What is absent is what was in force. */
export interface Candidate {
  readonly policy: Policy;
  readonly waivers?: WaiverRegistry | undefined;
  readonly revocations?: Revocations | undefined;
  /** The clock; that of each decision where absent. */
  readonly at?: Date | undefined;
}

/** How a decision comes out now, next to how it came out. */
export type Replayed =
  | { readonly verdict: Verdict; readonly owners: readonly string[] }
  | { readonly notReplayable: string };

type Basis = NonNullable<DecisionLine["basis"]>;

/** Judges recorded decisions again, a line of the record at a time, in the order of its files. */
export class Replay {
  readonly #candidate: Candidate;
  readonly #facts = new RecordedFacts();
  readonly #groups = new ReplayGroups();
  #file: string | undefined;

  constructor(candidate: Candidate) {
    this.#candidate = candidate;
  }

  /** Takes the next line. What it replays is also returned. */
  take({ file, value }: Pick<ReadLine, "file" | "value">): Replayed | undefined {
    if (file !== this.#file) this.#facts.begin();
    this.#file = file;
    if (value.msg === "facts") this.#facts.add(value);
    if (value.msg === "document") this.#facts.inForce(value);
    if (value.msg !== "decision") return undefined;
    const replayed = this.#replay(value);
    this.#groups.add(value, replayed);
    return replayed;
  }

  report(): ReplayReport {
    return this.#groups.report();
  }

  #replay(line: DecisionLine): Replayed {
    const { basis } = line;
    if (!line.replayable || basis === undefined)
      return { notReplayable: line.notReplayableBecause ?? "the record does not hold what it was judged by" };
    try {
      const reads = recordedReads(basis, this.#facts.valueOf);
      const judged = this.#judge(line, basis, reads);
      return "lacking" in judged ? { notReplayable: judged.lacking } : certain(judged.verdict, reads);
    } catch (error) {
      if (error instanceof NotReplayable) return { notReplayable: error.message };
      return { notReplayable: `its facts cannot be used: ${asFault(error).message}` };
    }
  }

  #judge({ namespace }: DecisionLine, basis: Basis, reads: RecordedReads): JudgedAgain {
    const { documents, askedMode: mode, subjects } = basis;
    const { policy, at = new Date(basis.at), ...candidate } = this.#candidate;
    const trust = recordedTrust(basis, this.#facts.valueOf);
    const differs = differentTrust(this.#facts.policy(documents), policy, trust.keys);
    if (differs !== undefined) return { lacking: differs };
    const keys = trust.keys.filter(({ id }) => keyIds(policy).includes(id));
    const revocations = candidate.revocations ?? this.#facts.revocations(documents);
    const waivers = candidate.waivers ?? this.#facts.waivers(documents);
    const enforcement = this.#facts.enforcement(documents);
    return judgeAgain({ namespace, mode, subjects: subjects.map(subjectOf) }, reads, {
      policy: () => policy,
      revocations: () => revocations,
      waivers: () => waivers,
      enforcement: () => enforcement,
      trust: () => ({ ...trust, keys }),
      now: () => at,
    });
  }
}

function subjectOf({ image, place, advice }: Basis["subjects"][number]) {
  return { image, place, ...(advice !== undefined && { advice }) };
}

/** A refusal that nothing but faults leads to says nothing of the image: what could not be known then is not known now. */
function certain(verdict: Verdict, { evidence }: RecordedReads): Replayed {
  const [first] = verdict.objections;
  if (first !== undefined && verdict.objections.every(({ kind }) => kind === "fault"))
    return { notReplayable: `something could not be known: ${first.code}` };
  const owners = evidence.flatMap(({ outcome }) =>
    "fault" in outcome ? [] : sourcesOf(outcome.value.evidence),
  );
  return { verdict, owners: [...new Set(owners)].toSorted() };
}

type Evidence = Extract<
  RecordedReads["evidence"][number]["outcome"],
  { readonly value: unknown }
>["value"]["evidence"];

/** The repositories that certificates name: their owners can fix the image. */
function sourcesOf({ signatures, attestations }: Evidence): string[] {
  return [...signatures, ...attestations].flatMap(({ signer }) =>
    signer.kind === "keyless" ? (signer.claims.sourceRepositoryURI ?? []) : [],
  );
}

const compared = new WeakMap<Policy, WeakMap<Policy, string | false>>();

/** Why evidence that was verified by one policy's trust material is not all that another's would give; undefined where it is. */
function differentTrust(
  recorded: Policy,
  candidate: Policy,
  keys: readonly { readonly id: string }[],
): string | undefined {
  const known = compared.get(candidate) ?? new WeakMap<Policy, string | false>();
  compared.set(candidate, known);
  const roots = known.get(recorded) ?? differentRoots(recorded, candidate);
  known.set(recorded, roots);
  if (roots !== false) return roots;
  const missing = keyIds(candidate).find((id) => !keys.some((key) => key.id === id));
  return missing && `the key ${missing} was not among the keys by which its evidence was verified`;
}

function differentRoots(recorded: Policy, candidate: Policy): string | false {
  return (
    !isDeepStrictEqual(recorded.trustRoots, candidate.trustRoots) &&
    "the trust roots of the policy are others than those by which its evidence was verified"
  );
}

const ids = new WeakMap<Policy, readonly string[]>();

function keyIds(policy: Policy): readonly string[] {
  const known = ids.get(policy) ?? [...policy.keys, ...policy.secretKeys].map(({ id }) => id);
  ids.set(policy, known);
  return known;
}
