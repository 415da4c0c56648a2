import { describe, expect, it } from "vitest";

import { aPolicy, aSignature, aSigner, evidenceOf, RELEASE } from "../../test/support/policies.ts";
import { type Digest, digestOf, type Mode, type Verdict } from "../core/index.ts";
import type { Policy } from "../policy/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../revocations/index.ts";
import { parseWaivers, type WaiverRegistry } from "../waivers/index.ts";
import { createGate } from "./create-gate.ts";
import { DEFAULT_LIMITS } from "./evidence/limits.ts";
import type { GateDeps, GateRequest } from "./ports.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const [APP, OTHER] = [digestOf("app"), digestOf("other")];
const START = new Date("2026-11-24T12:00:00Z");
const SECOND = 1000;

function policyWith(require: string, more = ""): Policy {
  return aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release: { keyless: { trustRoot: main, issuer: "${ISSUER}", identity: "${RELEASE}" } }
  security: { keyless: { trustRoot: main, issuer: "${ISSUER}", identity: "https://github.com/acme/scan/.github/workflows/scan.yml@refs/heads/main" } }
rules: [{ name: app, images: ["ghcr.io/acme/*"], require: ${require} }]
${more}`);
}

const SIGNED = policyWith("{ signature: { anyOf: [release] } }");

function revocationsOf(entry: object): Revocations {
  const common = { id: "R-1", reason: "It ships live credentials.", created: START.toISOString() };
  const parsed = parseRevocations(JSON.stringify({ revocations: [{ ...common, ...entry }] }));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

function waiversOf(entry: object = {}): WaiverRegistry {
  const waiver = { id: "W-1", class: "signature", digest: APP, image: "ghcr.io/acme/app", owners: ["ana"] };
  const rest = { reason: "The signer is rebuilt this week.", created: "2026-11-24T00:00:00Z", ttl: "12h" };
  const parsed = parseWaivers(JSON.stringify({ waivers: [{ ...waiver, ...rest, ...entry }] }));
  if (!parsed.ok || parsed.value.problems.length > 0) throw new Error(JSON.stringify(parsed));
  return parsed.value;
}

interface State {
  policy: Policy;
  revocations: Revocations;
  waivers: WaiverRegistry;
  generation: string;
  now: Date;
  mode: Mode;
  isSigned: boolean;
}

/** A gate whose registry answers when it is told to. What it decides by can change meanwhile. */
function waitingGate(initial: Partial<State> = {}) {
  const state: State = {
    policy: SIGNED,
    revocations: NO_REVOCATIONS,
    waivers: waiversOf({ digest: OTHER }),
    generation: "g1",
    now: START,
    mode: "enforce",
    isSigned: true,
    ...initial,
  };
  const collected: Digest[] = [];
  const asked = new Map<Digest, PromiseWithResolvers<void>>();
  const hold = (digest: Digest): PromiseWithResolvers<void> => {
    const held = asked.get(digest) ?? Promise.withResolvers<void>();
    asked.set(digest, held);
    return held;
  };
  const deps: GateDeps = {
    registry: {
      resolve: () => Promise.resolve(APP),
      contents: ({ digest }) =>
        Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: async ({ digest }) => {
        collected.push(digest);
        await hold(digest).promise;
        return { subject: digest, found: [], skipped: [], gaps: [], searched: [] };
      },
    },
    verify: ({ subject }, { generation }, at) =>
      Promise.resolve({
        ...evidenceOf({ signatures: state.isSigned ? [aSignature()] : [] }),
        subject,
        trustGeneration: generation,
        collectedAt: at,
      }),
    trust: () => ({ generation: state.generation, roots: [], keys: [] }),
    policy: () => state.policy,
    waivers: () => state.waivers,
    revocations: () => state.revocations,
    now: () => state.now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
  };
  const gate = createGate(deps);
  const requestFor = (image: string, signal = new AbortController().signal): GateRequest => ({
    namespace: "shop",
    mode: () => state.mode,
    subjects: [{ image, place: "c" }],
    access: {},
    signal,
  });
  /** Asks, changes what is decided by while the registry is waited for, and lets it answer. */
  const admit = async (meanwhile: Partial<State>, image = `ghcr.io/acme/app@${APP}`): Promise<Verdict> => {
    const verdict = gate.admit(requestFor(image));
    await expect.poll(() => collected.length).toBeGreaterThan(0);
    Object.assign(state, meanwhile);
    hold(APP).resolve();
    return verdict;
  };
  return {
    gate,
    deps,
    state,
    admit,
    requestFor,
    collected,
    release: (digest: Digest) => hold(digest).resolve(),
  };
}

function outcome({ decision, objections }: Verdict): string[] {
  return [decision, ...objections.map(({ code }) => code)];
}

describe("what changes while a review waits for the registry", () => {
  it("a digest that is revoked meanwhile is refused", async () => {
    const { admit } = waitingGate();
    const verdict = await admit({ revocations: revocationsOf({ digest: APP }) });
    expect(outcome(verdict)).toEqual(["deny", "revocation/digest"]);
  });

  it("a signature whose signer is revoked meanwhile does not count", async () => {
    const { admit } = waitingGate();
    const verdict = await admit({ revocations: revocationsOf({ issuer: ISSUER, identity: RELEASE }) });
    expect(outcome(verdict)).toEqual(["deny", "revocation/signer", "signature/missing"]);
  });

  it("a policy that is tightened meanwhile judges", async () => {
    const { admit, collected } = waitingGate();
    const verdict = await admit({ policy: policyWith("{ signature: { anyOf: [security] } }") });
    expect(outcome(verdict)).toEqual(["deny", "signature/untrusted-identity"]);
    expect(collected).toHaveLength(1);
  });

  it("a policy that asks for other evidence has it read, and judges by that", async () => {
    const { admit, collected } = waitingGate();
    const both = "{ signature: { anyOf: [release] }, provenance: { anyOf: [release] } }";
    expect(outcome(await admit({ policy: policyWith(both) }))).toEqual(["deny", "provenance/missing"]);
    expect(collected.length).toBeGreaterThan(1);
  });

  it("a policy that no longer covers the image denies it", async () => {
    const { admit } = waitingGate();
    expect(outcome(await admit({ policy: aPolicy("rules: []") }))).toEqual(["deny", "policy/unmatched"]);
  });

  it("a waiver that ends meanwhile does not count, and is told of", async () => {
    const { admit } = waitingGate({
      isSigned: false,
      waivers: waiversOf(),
      now: new Date(START.getTime() - 1),
    });
    const verdict = await admit({ now: START });
    expect(outcome(verdict)).toEqual(["deny", "signature/missing"]);
    expect(verdict.expired).toMatchObject([{ waiver: { id: "W-1", owners: ["ana"], leftMs: 0 } }]);
  });

  it("a waiver that is granted meanwhile counts", async () => {
    const { admit } = waitingGate({ isSigned: false });
    expect(outcome(await admit({ waivers: waiversOf({ ttl: "13h" }) }))).toEqual(["allow"]);
  });

  it("evidence by trust material that is replaced meanwhile is verified by the new one", async () => {
    const { admit, collected } = waitingGate();
    const verdict = await admit({ generation: "g2", isSigned: false });
    expect(outcome(verdict)).toEqual(["deny", "signature/missing"]);
    expect(collected.length).toBeGreaterThan(1);
  });

  it.each<[Mode, Mode, readonly string[]]>([
    ["advisory", "enforce", ["deny", "signature/missing"]],
    ["enforce", "advisory", ["warn", "signature/missing"]],
    ["enforce", "off", ["allow"]],
  ])("a namespace in %s that is set to %s meanwhile is held to that", async (before, after, expected) => {
    const { admit } = waitingGate({ isSigned: false, mode: before });
    expect(outcome(await admit({ mode: after }))).toEqual(expected);
  });

  it("a tag in a namespace that is set to enforce meanwhile is refused as unpinned", async () => {
    const { admit } = waitingGate({ mode: "advisory" });
    const verdict = await admit({ mode: "enforce" }, "ghcr.io/acme/app:v1");
    expect(outcome(verdict)).toEqual(["deny", "reference/unpinned"]);
  });
});

describe("what changes while approvals are verified", () => {
  const SIGNED_APPROVALS = `
waivers:
  requireSignedApprovals: true
  approvers: { Sam: { authority: security, seats: [devsecops] } }`;
  const approval = { by: "Sam", seat: "devsecops", at: "2026-11-24T00:00:00Z", bundle: "{}" };

  /** A gate whose approvals are verified when it is told to. */
  async function admitted(meanwhile: Partial<State>): Promise<Verdict> {
    const policy = policyWith("{ signature: { anyOf: [release] } }", SIGNED_APPROVALS);
    const world = waitingGate({
      policy,
      isSigned: false,
      waivers: waiversOf({ approvals: [approval], ttl: "13h" }),
    });
    const verifying = Promise.withResolvers<void>();
    const verified = Promise.withResolvers<void>();
    const gate = createGate({
      ...world.deps,
      verify: async (...given) => {
        if (given[0].found[0]?.form !== "blob") return world.deps.verify(...given);
        verifying.resolve();
        await verified.promise;
        const signer = aSigner({
          issuer: ISSUER,
          identity: "https://github.com/acme/scan/.github/workflows/scan.yml@refs/heads/main",
        });
        return { ...(await world.deps.verify(...given)), signatures: [aSignature({ signer })] };
      },
    });
    world.release(APP);
    const verdict = gate.admit(world.requestFor(`ghcr.io/acme/app@${APP}`));
    await verifying.promise;
    Object.assign(world.state, meanwhile);
    verified.resolve();
    return verdict;
  }

  it("an approval counts where nothing changes", async () => {
    expect(outcome(await admitted({}))).toEqual(["allow"]);
  });

  it.each<[string, Partial<State>]>([
    [
      "whose signer is revoked",
      {
        revocations: revocationsOf({
          issuer: ISSUER,
          identity: "https://github.com/acme/scan/.github/workflows/scan.yml@refs/heads/main",
        }),
      },
    ],
    ["of a waiver that is taken back", { waivers: waiversOf({ digest: OTHER }) }],
    ["of a waiver that ends", { now: new Date(START.getTime() + 3_600_000) }],
  ])("an approval %s meanwhile does not count", async (_, meanwhile) => {
    expect(outcome(await admitted(meanwhile))).toEqual(["deny", "signature/missing"]);
  });
});

describe("a verdict", () => {
  it("is made by one instant, however long it takes and however many images it is about", async () => {
    const { deps, requestFor, release } = waitingGate();
    const collectedAt = new Map<Digest, number>();
    const { verify } = deps;
    let ticks = 0;
    const ticking = createGate({
      ...deps,
      now: () => new Date(START.getTime() + (ticks += SECOND)),
      verify: async (...given) => {
        const evidence = await verify(...given);
        collectedAt.set(evidence.subject, evidence.collectedAt.getTime());
        return evidence;
      },
    });
    for (const digest of [APP, OTHER]) release(digest);
    const subjects = [APP, OTHER].map((digest) => ({ image: `ghcr.io/acme/app@${digest}`, place: "c" }));
    const { judged } = await ticking.admit({ ...requestFor("x"), subjects });
    const instants = judged.map(({ digest, evidenceAgeMs }) => collectedAt.get(digest!)! + evidenceAgeMs!);
    expect(instants).toHaveLength(2);
    expect(new Set(instants).size).toBe(1);
  });

  it("is a fault where the policy changes at every look, so that nobody waits for ever", async () => {
    const { deps, requestFor, release } = waitingGate();
    release(APP);
    let generation = 0;
    const restless = createGate({
      ...deps,
      trust: () => ({ generation: `g${(generation += 1)}`, roots: [], keys: [] }),
    });
    const verdict = await restless.admit(requestFor(`ghcr.io/acme/app@${APP}`));
    expect(outcome(verdict)).toEqual(["deny", "deadline/exceeded"]);
  });
});

describe("verdicts on what is applied together", () => {
  it("are made by one snapshot: a digest that is revoked while another group waits is refused", async () => {
    const { gate, state, requestFor, release, collected } = waitingGate();
    release(APP);
    const requests = [APP, OTHER].map((digest) => requestFor(`ghcr.io/acme/app@${digest}`));
    const verdicts = gate.admitAll(requests);
    await expect.poll(() => collected).toEqual([APP, OTHER]);
    state.revocations = revocationsOf({ digest: APP });
    release(OTHER);
    expect((await verdicts).map(outcome)).toEqual([["deny", "revocation/digest"], ["allow"]]);
  });

  it("are one for each request, in their order, also where each is another namespace's", async () => {
    const { gate, requestFor, release } = waitingGate();
    for (const digest of [APP, OTHER]) release(digest);
    const [first, second] = [APP, OTHER].map((digest) => requestFor(`ghcr.io/acme/app@${digest}`));
    const verdicts = await gate.admitAll([first!, { ...second!, mode: () => "off" }]);
    expect(verdicts.map(({ mode, judged }) => [mode, judged.length])).toEqual([
      ["enforce", 1],
      ["off", 0],
    ]);
  });
});

describe("a review that is out of time", () => {
  it("begins no look-up, and says what it was about to do", async () => {
    const { gate, requestFor, collected } = waitingGate();
    const verdict = await gate.admit(requestFor(`ghcr.io/acme/app@${APP}`, AbortSignal.abort()));
    expect(outcome(verdict)).toEqual(["deny", "deadline/exceeded"]);
    expect(verdict.objections[0]?.message).toContain("collecting signatures and attestations");
    expect(collected).toEqual([]);
  });
});
