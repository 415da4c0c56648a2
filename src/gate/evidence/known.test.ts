import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { evidenceWorld, QUERY } from "../../../test/support/evidence-world.ts";
import { aPolicy, aSignature, evidenceOf, RELEASE } from "../../../test/support/policies.ts";
import { digestOf, type Gap, type Verdict } from "../../core/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../../revocations/index.ts";
import { NO_WAIVERS } from "../../waivers/index.ts";
import { createGate } from "../create-gate.ts";
import type { GateDeps } from "../ports.ts";
import { createEvidenceStore } from "./evidence-store.ts";
import { DEFAULT_LIMITS } from "./limits.ts";

const [APP, OTHER] = [digestOf("app"), digestOf("other")];
const START = new Date("2026-11-24T12:00:00Z");
const POLICY = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release:
    keyless: { trustRoot: main, issuer: https://token.actions.githubusercontent.com, identity: "${RELEASE}" }
rules: [{ name: app, images: ["ghcr.io/acme/*"], require: { signature: { anyOf: [release] } } }]
`);

function revocationsOf(digest: string): Revocations {
  const entry = { id: "R-1", digest, reason: "It ships live credentials.", created: START.toISOString() };
  const parsed = parseRevocations(JSON.stringify({ revocations: [entry] }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

interface State {
  revocations: Revocations;
  generation: string;
  now: Date;
  isSigned: boolean;
  /** The namespace that is shown signatures, by a registry that wants credentials; all are where absent. */
  shownTo?: string;
  /** Undefined where evidence names the trust material that verified it. */
  verifiedBy: string | undefined;
}

/** Which credentials a registry was asked with that shows signatures to one namespace alone. */
function credentialsOf(shownTo: string | undefined, namespace: string) {
  return { wantedCredentials: () => shownTo !== undefined, usedPullSecrets: () => shownTo === namespace };
}

/** A gate that counts its snapshots, its look-ups and what its cache says. */
function countingGate(initial: Partial<State> = {}) {
  const state: State = {
    revocations: NO_REVOCATIONS,
    generation: "g1",
    now: START,
    isSigned: true,
    verifiedBy: undefined,
    ...initial,
  };
  const seen = { snapshots: 0, collected: 0, contents: 0, cache: [] as string[] };
  const deps: GateDeps = {
    registry: {
      resolve: () => Promise.resolve(APP),
      contents: ({ digest }) => {
        seen.contents += 1;
        return Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined });
      },
      attachments: ({ digest }, { namespace = "" }) => {
        seen.collected += 1;
        const nothing = { subject: digest, found: [], skipped: [], gaps: [] };
        const credentials = credentialsOf(state.shownTo, namespace);
        return Promise.resolve({ ...nothing, searched: [namespace], ...credentials });
      },
    },
    verify: ({ subject, searched }, { generation }, at) =>
      Promise.resolve({
        ...evidenceOf({ signatures: isShown(searched[0]) ? [aSignature()] : [] }),
        subject,
        trustGeneration: state.verifiedBy ?? generation,
        collectedAt: at,
      }),
    trust: () => ({ generation: state.generation, roots: [], keys: [] }),
    policy: () => POLICY,
    waivers: () => {
      seen.snapshots += 1;
      return NO_WAIVERS;
    },
    revocations: () => state.revocations,
    now: () => state.now,
    observer: {
      phase: () => undefined,
      cache: (each) => seen.cache.push(each),
      waiting: () => undefined,
    },
    limits: DEFAULT_LIMITS,
  };
  const isShown = (who: string | undefined): boolean => state.isSigned && (state.shownTo ?? who) === who;
  const gate = createGate(deps);
  const admitAs = (namespace: string): Promise<Verdict> => {
    const { signal } = new AbortController();
    const subjects = [{ image: `ghcr.io/acme/app@${APP}`, place: "c" }];
    return gate.admit({ namespace, mode: () => "enforce", subjects, access: { namespace }, signal });
  };
  const admit = (digests = [APP], signal = new AbortController().signal): Promise<Verdict> => {
    const subjects = digests.map((digest) => ({ image: `ghcr.io/acme/app@${digest}`, place: "c" }));
    return gate.admit({ namespace: "shop", mode: () => "enforce", subjects, access: {}, signal });
  };
  return { admit, admitAs, state, seen };
}

function outcome({ decision, objections }: Verdict): string[] {
  return [decision, ...objections.map(({ code }) => code)];
}

describe("an image of which everything is in memory", () => {
  it.each([
    ["no list names digests", NO_REVOCATIONS],
    ["a list names another digest", revocationsOf(OTHER)],
  ])("is judged by its first snapshot, and looked up in the cache once, where %s", async (_, revocations) => {
    const { admit, seen } = countingGate({ revocations });
    expect(outcome(await admit())).toEqual(["allow"]);
    const before = seen.snapshots;
    expect(outcome(await admit())).toEqual(["allow"]);
    expect(seen.snapshots - before).toBe(1);
    expect([seen.collected, seen.cache]).toEqual([1, ["miss", "hit"]]);
  });

  it("is looked up in the cache once where another image of the pod has to be read", async () => {
    const { admit, seen } = countingGate();
    await admit();
    expect(outcome(await admit([APP, OTHER]))).toEqual(["allow"]);
    expect(seen.cache).toEqual(["miss", "hit", "miss"]);
  });

  it("is judged, although its review has no time left to read anything", async () => {
    const { admit } = countingGate();
    await admit();
    expect(outcome(await admit([APP], AbortSignal.abort()))).toEqual(["allow"]);
    expect(outcome(await admit([OTHER], AbortSignal.abort()))).toEqual(["deny", "deadline/exceeded"]);
  });

  it("is refused where it was revoked since", async () => {
    const { admit, state } = countingGate();
    await admit();
    state.revocations = revocationsOf(APP);
    expect(outcome(await admit())).toEqual(["deny", "revocation/digest"]);
  });

  it("is looked up once more before it is refused, where its evidence is old enough to have changed", async () => {
    const { admit, state } = countingGate({ isSigned: false });
    await admit();
    const { recheckAfterMs } = DEFAULT_LIMITS;
    Object.assign(state, { isSigned: true, now: new Date(START.getTime() + recheckAfterMs) });
    expect(outcome(await admit())).toEqual(["deny", "signature/missing"]);
    state.now = new Date(START.getTime() + recheckAfterMs + 1);
    expect(outcome(await admit())).toEqual(["allow"]);
  });

  it("is looked up once more before it is refused, where its registry may show more than it has shown to others", async () => {
    const { admitAs, seen } = countingGate({ shownTo: "shop" });
    for (const namespace of ["evil", "evil", "shop", "evil"]) {
      const expected = namespace === "shop" ? ["allow"] : ["deny", "signature/missing"];
      expect([namespace, ...outcome(await admitAs(namespace))]).toEqual([namespace, ...expected]);
    }
    expect(seen.collected).toBe(2);
  });

  it("is verified again where the trust material is another", async () => {
    const { admit, state, seen } = countingGate();
    await admit();
    Object.assign(state, { generation: "g2", isSigned: false });
    expect(outcome(await admit())).toEqual(["deny", "signature/missing"]);
    expect(seen.collected).toBe(2);
  });

  it("is not judged by evidence that other trust material verified", async () => {
    const { admit } = countingGate({ verifiedBy: "g0" });
    expect(outcome(await admit())).toEqual(["deny", "deadline/exceeded"]);
    expect(outcome(await admit())).toEqual(["deny", "deadline/exceeded"]);
  });
});

function gapOf(code: Gap["code"]): Gap {
  return { about: "place", code, message: "not given", count: 1 };
}

describe("what an evidence store knows", () => {
  const limits = { ...DEFAULT_LIMITS, refreshAfterMs: 900, staleLimitMs: 5000, retryAfterMs: 100 };
  const gaps = fc.constantFrom<readonly Gap[]>(
    [],
    [gapOf("registry/unavailable")],
    [gapOf("limits/exceeded")],
  );

  it("is what it finds without asking a registry, and nothing where it would ask one", async () => {
    const cases = {
      gaps,
      ageMs: fc.integer({ min: -1000, max: 7000 }),
      maxAgeMs: fc.integer({ min: 0, max: 1000 }),
      wasPart: fc.boolean(),
      acceptsPartial: fc.boolean(),
      isSameMaterial: fc.boolean(),
    };
    await fc.assert(
      fc.asyncProperty(fc.record(cases), async (each) => {
        const { deps, outcomes, set } = evidenceWorld();
        const store = createEvidenceStore({ ...deps, limits });
        set({ gaps: each.gaps });
        await store.find({ ...QUERY, acceptsPartial: each.wasPart }, 0);
        set({ now: each.ageMs, ...(!each.isSameMaterial && { generation: "g2" }) });
        const query = { ...QUERY, acceptsPartial: each.acceptsPartial };
        const moment = { trust: deps.trust(), now: deps.now(), maxAgeMs: each.maxAgeMs };
        const known = store.known(query, moment);
        const found = await store.find(query, each.maxAgeMs);
        const isHit = outcomes.at(-1) === "hit";
        expect([isHit, isHit && found.evidence]).toEqual([known !== undefined, known?.evidence ?? false]);
      }),
    );
  });
});
