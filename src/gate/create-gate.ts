import { asFault, Fault, type Subject } from "../core/index.ts";
import { NO_WAIVERS } from "../waivers/index.ts";
import { approvedWaivers, createApprovals, type WhyNot } from "./approvals.ts";
import { type Circumstances, decide, type Examined } from "./decide.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { type Examination, examine, unknown } from "./examine.ts";
import type { GateDeps, GateRequest, WarmableGate } from "./ports.ts";
import { warm } from "./warm.ts";

const MOST_PLACES = 4;

/**
 * The pipeline: subjects → evidence → findings → verdict. Each distinct image is examined once, all of them side by
 * side; policy, waivers, mode and clock are applied anew at every request.
 */
export function createGate(deps: GateDeps): WarmableGate {
  const store = createEvidenceStore(deps);
  const whyNot = createApprovals(deps);

  async function examineAll(request: GateRequest): Promise<Examined[]> {
    const subjects = distinct(request.subjects);
    const documents = inForce(deps);
    if (documents instanceof Fault) return subjects.map((subject) => unknown(subject, documents));
    return Promise.all(subjects.map((subject) => examine(subject, { deps, store, ...documents, request })));
  }

  return {
    admit: async (request) => {
      const { mode, namespace } = request;
      try {
        const examined = mode === "off" ? [] : await examineAll(request);
        return decide(examined, {
          mode,
          namespace,
          ...(await approvedFor(examined, deps, { whyNot, signal: request.signal })),
          now: deps.now(),
        });
      } catch (error) {
        const { code, message } = asFault(error);
        const decision = mode === "enforce" ? "deny" : "warn";
        return { decision, mode, objections: [{ kind: "fault", code, message }], waived: [], judged: [] };
      }
    },
    warm: (request) => warm(request, deps.policy(), store),
  };
}

/** Without policy or revocations there are only faults, which no waiver sets aside. */
async function approvedFor(
  examined: readonly Examined[],
  deps: GateDeps,
  how: { readonly whyNot: WhyNot; readonly signal: AbortSignal },
): Promise<Pick<Circumstances, "waivers" | "ignored">> {
  const documents = inForce(deps);
  if (documents instanceof Fault) return { waivers: NO_WAIVERS };
  return approvedWaivers(deps.waivers(), examined, { ...documents, ...how, now: deps.now() });
}

function inForce({ policy, revocations }: GateDeps): Pick<Examination, "policy" | "revocations"> | Fault {
  const documents = { policy: policy(), revocations: revocations() };
  if (documents.policy === undefined) return new Fault("policy/unavailable", "no valid policy is loaded");
  if (documents.revocations === undefined)
    return new Fault("revocation/unavailable", "no valid list of revocations is loaded");
  return { policy: documents.policy, revocations: documents.revocations };
}

/** One subject per image text; its place names all the places, the first four of them. */
function distinct(subjects: readonly Subject[]): Subject[] {
  return [...Map.groupBy(subjects, ({ image }) => image)].map(([image, alike]) => {
    const places = alike.slice(0, MOST_PLACES).map(({ place }) => place);
    const more = alike.length - places.length;
    return { image, place: places.join(", ") + (more > 0 ? ` and ${more} more` : "") };
  });
}
