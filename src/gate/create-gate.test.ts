import { describe, expect, it } from "vitest";

import { aPolicy, aSignature, evidenceOf, RELEASE } from "../../test/support/policies.ts";
import {
  type Attachments,
  type Digest,
  digestOf,
  Fault,
  FINDINGS,
  fixOf,
  type ImageContents,
  type Mode,
  type Verdict,
} from "../core/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../revocations/index.ts";
import { NO_WAIVERS, parseWaivers } from "../waivers/index.ts";
import { createGate } from "./create-gate.ts";
import { DEFAULT_LIMITS } from "./evidence/limits.ts";
import type { GateDeps, GateRequest, Phase } from "./ports.ts";

const DIGEST = digestOf("an image");
const PINNED = `ghcr.io/acme/app@${DIGEST}`;
const NOW = new Date("2026-11-24T12:00:00Z");
const POLICY = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release:
    keyless: { trustRoot: main, issuer: https://token.actions.githubusercontent.com, identity: "${RELEASE}" }
rules:
  - { name: app, images: [ghcr.io/acme/app], require: { signature: { anyOf: [release] } } }
  - { name: pinned, images: [ghcr.io/acme/base], require: { reference: { pinned: true } } }
`);
const REASON = "It ships live credentials.";
const REVOKED = parseRevocations(
  JSON.stringify({
    revocations: [{ id: "R-1", digest: DIGEST, reason: REASON, created: NOW.toISOString() }],
  }),
);

function revoked(): Revocations {
  return REVOKED.ok ? REVOKED.value : NO_REVOCATIONS;
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** A gate whose registry holds a signed image under the tag `v1`. */
function world(changes: Partial<GateDeps> = {}) {
  const calls: string[] = [];
  const phases: [Phase, number][] = [];
  const deps: GateDeps = {
    registry: {
      resolve: ({ tag = "none" }) => {
        calls.push(`resolve ${tag}`);
        return Promise.resolve(tag === "v1" ? DIGEST : undefined);
      },
      contents: ({ digest }) =>
        Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: ({ digest }) => {
        calls.push("attachments");
        return Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] });
      },
    },
    verify: ({ subject }, _, at) =>
      Promise.resolve({ ...evidenceOf({ signatures: [aSignature()] }), subject, collectedAt: at }),
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => POLICY,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    now: () => NOW,
    observer: {
      phase: (phase, seconds) => void phases.push([phase, seconds]),
      cache: () => undefined,
      waiting: () => undefined,
    },
    limits: DEFAULT_LIMITS,
    ...changes,
  };
  const gate = createGate(deps);
  const admit = (images: readonly string[], mode: Mode = "enforce"): Promise<Verdict> =>
    gate.admit(requestOf(images, mode));
  return { admit, calls, phases };
}

function requestOf(images: readonly string[], mode: Mode): GateRequest {
  const subjects = images.map((image, at) => ({ image, place: `c${at}` }));
  return { namespace: "shop", mode: () => mode, subjects, access: {}, signal: new AbortController().signal };
}

function codesOf({ objections }: Verdict): string[] {
  return objections.map(({ kind, code }) => `${kind} ${code}`);
}

const unsigned: Pick<GateDeps, "verify"> = {
  verify: ({ subject }, _, at) => Promise.resolve({ ...evidenceOf(), subject, collectedAt: at }),
};

describe("the gate", () => {
  it("admits a signed image, and says what it was judged by", async () => {
    const { admit, phases } = world();
    const verdict = await admit([PINNED]);
    expect(verdict).toMatchObject({ decision: "allow", mode: "enforce", objections: [] });
    expect(verdict.judged).toMatchObject([
      { image: PINNED, digest: DIGEST, rules: ["app"], evidenceAgeMs: 0 },
    ]);
    expect(phases.map(([phase]) => phase)).toEqual(["fetch", "verify", "judge"]);
    expect(phases.every(([, seconds]) => seconds >= 0)).toBe(true);
  });

  it.each<[string, Partial<GateDeps>, string]>([
    ["a policy", { policy: () => undefined }, "fault policy/unavailable"],
    ["revocations", { revocations: () => undefined }, "fault revocation/unavailable"],
    [
      "trust material",
      {
        trust: () => {
          throw new Fault("trust/unavailable", "no root");
        },
      },
      "fault trust/unavailable",
    ],
    [
      "waivers",
      {
        waivers: () => {
          throw new TypeError("a defect");
        },
      },
      "fault internal/unexpected",
    ],
    [
      "evidence about this image",
      { verify: () => Promise.resolve({ ...evidenceOf(), subject: digestOf("another image") }) },
      "fault internal/unexpected",
    ],
  ])("denies in enforce and warns in advisory without %s", async (_, changes, code) => {
    const denied = await world(changes).admit([PINNED]);
    expect([denied.decision, denied.mode, ...codesOf(denied)]).toEqual(["deny", "enforce", code]);
    const warned = await world(changes).admit([PINNED], "advisory");
    expect([warned.decision, warned.mode, ...codesOf(warned)]).toEqual(["warn", "advisory", code]);
  });

  it("looks at nothing where the mode is off", async () => {
    const { admit, calls } = world();
    expect(await admit([PINNED, "nginx"], "off")).toMatchObject({
      decision: "allow",
      objections: [],
      judged: [],
    });
    expect(calls).toEqual([]);
  });

  it("looks at each image once, and names its first four places", async () => {
    const { admit, calls } = world(unsigned);
    const six = await admit([...Array<string>(6).fill(PINNED)]);
    expect(six.objections.map(({ subject }) => subject?.place)).toEqual(["c0, c1, c2, c3 and 2 more"]);
    expect((await admit([PINNED, PINNED])).objections[0]?.subject?.place).toBe("c0, c1");
    expect(calls.filter((each) => each === "attachments")).toHaveLength(1);
  });

  it("asks for waivers by the image's repository, and tells none for an image that is no reference", async () => {
    const waiver = {
      id: "W-1",
      class: "signature",
      digest: DIGEST,
      image: "ghcr.io/acme/app",
      owners: ["ana"],
    };
    const rest = { reason: "The signer is rebuilt this week.", created: "2026-11-24T00:00:00Z", ttl: "7d" };
    const parsed = parseWaivers(JSON.stringify({ waivers: [{ ...waiver, ...rest }] }));
    const waivers = (): typeof NO_WAIVERS => (parsed.ok ? parsed.value : NO_WAIVERS);
    const verdict = await world({ ...unsigned, waivers }).admit([PINNED, "not an image"]);
    expect(verdict.waived).toMatchObject([{ waiver: { id: "W-1" } }]);
    expect(codesOf(verdict)).toEqual(["finding reference/invalid"]);
  });
});

describe("an image that is named by a tag", () => {
  it("is refused in enforce without asking the registry", async () => {
    const { admit, calls } = world();
    expect(codesOf(await admit(["ghcr.io/acme/app:v1"]))).toEqual(["finding reference/unpinned"]);
    expect(calls).toEqual([]);
  });

  it("is resolved in advisory, and judged by the digest", async () => {
    const { admit, calls, phases } = world();
    const verdict = await admit(["ghcr.io/acme/app:v1"], "advisory");
    expect(codesOf(verdict)).toEqual(["finding reference/unpinned"]);
    expect(verdict.judged).toMatchObject([{ digest: DIGEST, rules: ["app"] }]);
    expect(calls).toEqual(["resolve v1", "attachments"]);
    expect(phases[0]?.[0]).toBe("resolve");
    expect(phases[0]?.[1]).toBeGreaterThanOrEqual(0);
  });

  it("is refused where its digest is revoked, or where there is no such tag", async () => {
    const verdict = await world({ revocations: revoked }).admit(["ghcr.io/acme/app:v1"], "advisory");
    expect(codesOf(verdict)).toContain("finding revocation/digest");
    const missing = await world().admit(["ghcr.io/acme/app:v2"], "advisory");
    expect(codesOf(missing)).toEqual(["finding reference/unpinned", "finding reference/not-found"]);
    expect(missing.judged).toMatchObject([{ image: "ghcr.io/acme/app:v2", rules: ["app"], proofs: [] }]);
  });

  it("is not waited for past the deadline, and the fault says what was waited for", async () => {
    const gate = createGate({ ...depsWith(never), policy: () => POLICY });
    const late = { ...requestOf(["ghcr.io/acme/app"], "advisory"), signal: AbortSignal.abort() };
    const [objection] = (await gate.admit(late)).objections;
    expect(objection).toMatchObject({ kind: "fault", code: "deadline/exceeded" });
    expect(objection?.message).toContain("resolving the tag latest");
  });
});

function depsWith(resolve: GateDeps["registry"]["resolve"]): GateDeps {
  return {
    registry: {
      resolve,
      attachments: () => Promise.reject(new Error("not asked")),
      contents: () => Promise.reject(new Error("not asked")),
    },
    verify: () => Promise.reject(new Error("not asked")),
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => undefined,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    now: () => NOW,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
  };
}

describe("what needs no evidence", () => {
  it("is settled without the registry: a revoked digest, a rule on references, no rule at all", async () => {
    const { admit, calls } = world({ revocations: revoked });
    expect(codesOf(await admit([PINNED]))).toEqual(["finding revocation/digest"]);
    expect((await admit([`ghcr.io/acme/base@${digestOf("base")}`])).decision).toBe("allow");
    expect(codesOf(await admit([`ghcr.io/other/x@${digestOf("x")}`]))).toEqual(["finding policy/unmatched"]);
    expect(calls).toEqual([]);
  });
});

describe("advice on an index", () => {
  const both = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities: { release: { keyless: { trustRoot: main, issuer: "https://i", identity: "https://r" } } }
rules:
  - { name: app, images: [ghcr.io/acme/app], require: { signature: { anyOf: [release] }, provenance: { anyOf: [release] } } }
`);
  const other = parseRevocations(
    JSON.stringify({
      revocations: [{ id: "R-2", digest: digestOf("other"), reason: REASON, created: NOW.toISOString() }],
    }),
  );

  async function fixes(contents: Pick<ImageContents, "parts" | "hasUnsignedProvenance">): Promise<string[]> {
    const { admit } = world({
      policy: () => both,
      revocations: () => (other.ok ? other.value : NO_REVOCATIONS),
      verify: ({ subject }) => Promise.resolve({ ...evidenceOf({}), subject }),
      registry: {
        resolve: () => Promise.resolve(undefined),
        contents: ({ digest }) =>
          Promise.resolve({ digests: [digest], absent: [], checkpoint: undefined, ...contents }),
        attachments: ({ digest }) =>
          Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] }),
      },
    });
    const { decision, objections } = await admit([PINNED]);
    expect([decision, objections.map(({ code }) => code)]).toEqual([
      "deny",
      ["signature/missing", "provenance/missing"],
    ]);
    return objections.map(fixOf);
  }

  it("names the index that lacks a signature, and provenance without one, and nothing of a single image", async () => {
    const usual = [FINDINGS["signature/missing"].fix, FINDINGS["provenance/missing"].fix];
    expect(await fixes({ parts: [] })).toEqual(usual);
    expect(await fixes({ parts: [digestOf("amd64")] })).toEqual([
      expect.stringContaining("cosign sign --recursive"),
      usual[1],
    ]);
    expect(await fixes({ parts: [digestOf("amd64")], hasUnsignedProvenance: true })).toEqual([
      expect.stringContaining("cosign sign --recursive"),
      expect.stringContaining("BuildKit"),
    ]);
  });
});

/** A world whose clock goes on, and whose registry fails after its first answer. */
function aging(changes: Partial<GateDeps> & { readonly first?: GateDeps["verify"] } = {}) {
  const { first, ...rest } = changes;
  const clock = { now: NOW, isDown: false };
  const attachments = ({ digest }: { readonly digest: Digest }): Promise<Attachments> =>
    clock.isDown
      ? Promise.reject(new Fault("registry/unavailable", "it does not answer"))
      : Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] });
  const registry: GateDeps["registry"] = {
    attachments,
    resolve: () => Promise.resolve(undefined),
    contents: ({ digest }) =>
      Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
  };
  const { admit } = world({ registry, now: () => clock.now, ...(first && { verify: first }), ...rest });
  const later = (ms: number): void => {
    clock.now = new Date(clock.now.getTime() + ms);
    clock.isDown = true;
  };
  return { admit, later };
}

describe("old evidence, while the registry is down", () => {
  const { refreshAfterMs, staleLimitMs } = DEFAULT_LIMITS;

  it("still admits, and says so, until it is too old", async () => {
    const { admit, later } = aging();
    await admit([PINNED]);
    later(refreshAfterMs + 1);
    const verdict = await admit([PINNED]);
    expect(verdict.decision).toBe("allow");
    expect(verdict.judged).toMatchObject([
      { evidenceAgeMs: refreshAfterMs + 1, staleBecause: "it does not answer" },
    ]);
    later(staleLimitMs);
    expect(codesOf(await admit([PINNED]))).toEqual(["fault registry/unavailable"]);
  });

  it("never refuses: that is a fault, besides a revocation", async () => {
    const { admit, later } = aging({ first: unsigned.verify });
    expect(codesOf(await admit([PINNED]))).toEqual(["finding signature/missing"]);
    later(refreshAfterMs + 1);
    expect(codesOf(await admit([PINNED]))).toEqual(["fault registry/unavailable"]);
  });

  it("is refused where its signer was revoked in the meantime", async () => {
    const parsed = parseRevocations(
      JSON.stringify({
        revocations: [
          {
            id: "R-2",
            issuer: "https://token.actions.githubusercontent.com",
            identity: RELEASE,
            reason: "The release token was read by somebody else.",
            created: NOW.toISOString(),
          },
        ],
      }),
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    let isRevoked = false;
    const { admit, later } = aging({ revocations: () => (isRevoked ? parsed.value : NO_REVOCATIONS) });
    expect((await admit([PINNED])).decision).toBe("allow");
    later(refreshAfterMs + 1);
    isRevoked = true;
    expect(codesOf(await admit([PINNED]))).toEqual([
      "finding revocation/signer",
      "fault registry/unavailable",
    ]);
  });
});

describe("attachments that were kept over a restart", () => {
  const kept: Attachments = { subject: DIGEST, found: [], skipped: [], gaps: [], searched: [] };

  function restarted(ageMs: number) {
    const keys: string[] = [];
    const memory: NonNullable<GateDeps["memory"]> = {
      store: (key) => void keys.push(key),
      forget: () => undefined,
      load: (key) => {
        keys.push(key);
        return Promise.resolve({ attachments: kept, at: new Date(NOW.getTime() - ageMs) });
      },
    };
    return { memory, keys };
  }

  it("are kept under the image and what is wanted of it, and recalled under the same", async () => {
    const { memory, keys } = restarted(0);
    await world({ memory }).admit([PINNED]);
    const { admit, later } = aging({ memory });
    later(0);
    expect((await admit([PINNED])).decision).toBe("allow");
    expect(keys[0]).toContain(PINNED);
    expect(keys.slice(1)).toContain(keys[0]);
  });

  it.each([
    [DEFAULT_LIMITS.staleLimitMs, "allow"],
    [DEFAULT_LIMITS.staleLimitMs + 1, "deny"],
    [-DEFAULT_LIMITS.staleLimitMs - 1, "deny"],
  ])("%d ms old: %s", async (ageMs, decision) => {
    const { admit, later } = aging({ memory: restarted(ageMs).memory });
    later(0);
    expect((await admit([PINNED])).decision).toBe(decision);
  });
});
