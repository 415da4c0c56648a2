import { asFault, Fault, type TrustSnapshot, withDeadline } from "../../core/index.ts";
import { NO_WAIVERS, type Waiver, type WaiverRegistry } from "../../waivers/index.ts";
import type { Circumstances, ImageFindings } from "../decide.ts";
import { lateFault } from "../evidence/single-flight.ts";
import type { GateDeps } from "../ports.ts";
import type { Lack, Readings } from "../readings.ts";
import { documentsOf, type Snapshot } from "../snapshot.ts";
import { createApprovalProofs } from "./approval-proofs.ts";
import { type ApprovalRules, type Signed, approvalProblem } from "./approved.ts";

/** Waivers that one request may have checked; what is past them does not count. */
const MAX_WAIVERS = 64;

/** The waivers that count, and which approvals have to be verified before that can be said. */
export type ApprovedWaivers = Pick<Circumstances, "waivers" | "ignored"> & {
  readonly lacks: readonly Lack[];
};

/** Of the waivers that images could use at the snapshot's instant, those that count, and those that are ignored. Pure. */
export function approvedWaivers(
  images: readonly ImageFindings[],
  { documents, waivers, trust, now }: Snapshot,
  readings: Pick<Readings, "approval">,
): ApprovedWaivers {
  // Without documents there are only faults, which no waiver sets aside.
  if (documents instanceof Fault) return { waivers: NO_WAIVERS, lacks: [] };
  const { approvers } = documents.policy;
  if (approvers === undefined) return { waivers, lacks: [] };
  const usable = usableBy(images, waivers);
  const running = usable.filter(({ from, until }) => from <= now && now < until).slice(0, MAX_WAIVERS);
  const ended = usable.filter(({ until }) => until <= now); // they set nothing aside, and explain
  if (trust instanceof Fault)
    return counted(
      running.map((waiver) => ({ waiver, why: unverified(trust) })),
      ended,
    );
  const lacks = running
    .flatMap(({ approvals }) => approvals)
    .filter((approval) => readings.approval(approval, trust.generation) === undefined)
    .map((approval): Lack => ({ kind: "approval", approval, trust }));
  if (lacks.length > 0) return { waivers: NO_WAIVERS, lacks };
  const rules = { approvers, revocations: documents.revocations, keys: trust.keys };
  const asked = running.map((waiver) => ({ waiver, why: whyNot(waiver, { rules, readings, trust }) }));
  return counted(asked, ended);
}

interface WhyNotOptions {
  readonly rules: ApprovalRules;
  readonly readings: Pick<Readings, "approval">;
  readonly trust: TrustSnapshot;
}

/** Why a waiver does not count, one clause; undefined where it does. What cannot be verified does not count. */
function whyNot(waiver: Waiver, { rules, readings, trust }: WhyNotOptions): string | undefined {
  const signed: Signed[] = [];
  for (const approval of waiver.approvals) {
    const outcome = readings.approval(approval, trust.generation);
    if (outcome !== undefined && "fault" in outcome) return unverified(outcome.fault);
    signed.push(outcome?.value ?? "it was not checked");
  }
  return approvalProblem(waiver, signed, rules);
}

function unverified({ message }: Fault): string {
  return `its approvals could not be verified: ${message}`;
}

interface AskedWaiver {
  readonly waiver: Waiver;
  readonly why: string | undefined;
}

function counted(asked: readonly AskedWaiver[], ended: readonly Waiver[]): ApprovedWaivers {
  const approved = asked.filter(({ why }) => why === undefined).map(({ waiver }) => waiver);
  const because = new Map(
    asked.flatMap(({ waiver, why }) => (why === undefined ? [] : [[waiver.id, why] as const])),
  );
  const ignored = asked.map(({ waiver }) => waiver).filter(({ id }) => because.has(id));
  return {
    waivers: registryOf([...approved, ...ended]),
    ignored: { waivers: registryOf(ignored), because },
    lacks: [],
  };
}

function usableBy(images: readonly ImageFindings[], { byDigest }: WaiverRegistry): Waiver[] {
  const digests = images.flatMap(({ objections }) =>
    objections.flatMap((each) => (each.kind === "finding" && each.digest !== undefined ? [each.digest] : [])),
  );
  return [...new Set(digests)].flatMap((digest) => byDigest.get(digest) ?? []);
}

function registryOf(waivers: readonly Waiver[]): WaiverRegistry {
  return { byDigest: Map.groupBy(waivers, ({ digest }) => digest), waivers, problems: [] };
}

/** Why a waiver does not count by the documents in force, one clause; undefined where it does. Never rejects. */
export type ApprovalCheck = (waiver: Waiver, signal: AbortSignal) => Promise<string | undefined>;

/** Holds waivers to signed approvals, where the policy asks for them: verified first, then judged by what holds after it. */
export function createApprovals(
  deps: Pick<GateDeps, "verify" | "trust" | "now" | "policy" | "revocations">,
): ApprovalCheck {
  const prove = createApprovalProofs(deps);
  return async (waiver, signal) => {
    const asked = documentsOf(deps);
    if (!(asked instanceof Fault) && asked.policy.approvers === undefined) return undefined;
    try {
      const trust = deps.trust();
      const proving = Promise.all(waiver.approvals.map((each) => prove(each, trust)));
      const signed = await withDeadline(signal, proving, () => lateFault("verifying approvals"));
      const documents = documentsOf(deps);
      // A policy that is not there may ask for anything, and no waiver meets that.
      if (documents instanceof Fault) return unverified(documents);
      const { policy, revocations } = documents;
      if (policy.approvers === undefined) return undefined;
      return approvalProblem(waiver, signed, { approvers: policy.approvers, keys: trust.keys, revocations });
    } catch (error) {
      return unverified(asFault(error));
    }
  };
}
