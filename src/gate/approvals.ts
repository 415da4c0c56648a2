import { asFault } from "../core/index.ts";
import type { Policy } from "../policy/index.ts";
import type { Revocations } from "../revocations/index.ts";
import type { Waiver, WaiverRegistry } from "../waivers/index.ts";
import { createApprovalProofs } from "./approval-proofs.ts";
import { unapproved } from "./approved.ts";
import type { Circumstances, Examined } from "./decide.ts";
import type { GateDeps } from "./ports.ts";
import { before } from "./single-flight.ts";

/** Waivers that one request may have looked at; what is past them does not count. */
const MOST_WAIVERS = 64;

/** What waivers are held to. */
export interface ApprovalAsk {
  readonly policy: Policy;
  readonly revocations: Revocations;
  readonly signal: AbortSignal;
}

/**
 * Why a waiver does not count here, one clause; undefined where it does. Never rejects: what cannot be verified does not
 * count.
 */
export type WhyNot = (waiver: Waiver, ask: ApprovalAsk) => Promise<string | undefined>;

/** Holds waivers to signed approvals, where the policy asks for them. */
export function createApprovals(deps: Pick<GateDeps, "verify" | "trust" | "now">): WhyNot {
  const prove = createApprovalProofs(deps);
  return async (waiver, { policy: { approvers }, revocations, signal }) => {
    if (approvers === undefined) return undefined;
    try {
      const trust = deps.trust();
      const proving = Promise.all(waiver.approvals.map((each) => prove(each, trust)));
      const signed = await before(signal, proving, "verifying approvals");
      return unapproved(waiver, signed, { approvers, keys: trust.keys, revocations });
    } catch (error) {
      return `its approvals could not be verified: ${asFault(error).message}`;
    }
  };
}

/** Of the waivers that images could use at `now`, those that count, and those that are ignored. */
export async function approvedWaivers(
  registry: WaiverRegistry,
  examined: readonly Examined[],
  { whyNot, now, ...ask }: ApprovalAsk & { readonly whyNot: WhyNot; readonly now: Date },
): Promise<Pick<Circumstances, "waivers" | "ignored">> {
  if (ask.policy.approvers === undefined) return { waivers: registry };
  const usable = usableBy(examined, registry);
  const running = usable.filter(({ from, until }) => from <= now && now < until).slice(0, MOST_WAIVERS);
  const ended = usable.filter(({ until }) => until <= now); // they set nothing aside, and explain
  const asked = await Promise.all(
    running.map(async (waiver) => ({ waiver, why: await whyNot(waiver, ask) })),
  );
  const approved = asked.filter(({ why }) => why === undefined).map(({ waiver }) => waiver);
  const because = new Map(
    asked.flatMap(({ waiver, why }) => (why === undefined ? [] : [[waiver.id, why] as const])),
  );
  const ignored = registryOf(running.filter(({ id }) => because.has(id)));
  return { waivers: registryOf([...approved, ...ended]), ignored: { waivers: ignored, because } };
}

function usableBy(examined: readonly Examined[], { byDigest }: WaiverRegistry): Waiver[] {
  const digests = examined.flatMap(({ objections }) =>
    objections.flatMap((each) => (each.kind === "finding" && each.digest !== undefined ? [each.digest] : [])),
  );
  return [...new Set(digests)].flatMap((digest) => byDigest.get(digest) ?? []);
}

function registryOf(waivers: readonly Waiver[]): WaiverRegistry {
  return { byDigest: Map.groupBy(waivers, ({ digest }) => digest), waivers, problems: [] };
}
