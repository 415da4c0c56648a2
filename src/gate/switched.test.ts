import { describe, expect, it } from "vitest";

import { aPolicy, evidenceOf } from "../../test/support/policies.ts";
import { digestOf, Fault, type Mode, type Verdict } from "../core/index.ts";
import type { Enforcement, Switch } from "../enforcement/index.ts";
import type { Policy } from "../policy/index.ts";
import { NO_REVOCATIONS, parseRevocations, type Revocations } from "../revocations/index.ts";
import { NO_WAIVERS } from "../waivers/index.ts";
import { createGate } from "./create-gate.ts";
import { DEFAULT_LIMITS } from "./evidence/limits.ts";

const NOW = new Date("2026-11-30T03:00:00Z");
const DIGEST = digestOf("an image");
const UNSIGNED = `ghcr.io/acme/app@${DIGEST}`;
const TAGGED = "ghcr.io/acme/app:v1";
const UNCOVERED = `ghcr.io/other/app@${DIGEST}`;
const POLICY = aPolicy(`
trustRoots: { main: { source: publicGood } }
authorities:
  release: { keyless: { trustRoot: main, issuer: "https://issuer.test", identity: "https://a.test/w" } }
rules:
  - { name: app, images: [ghcr.io/acme/*], require: { signature: { anyOf: [release] } } }
`);

function revoking(digest: string): Revocations {
  const entry = { id: "R-1", digest, reason: "It ships live credentials.", created: NOW.toISOString() };
  const parsed = parseRevocations(JSON.stringify({ revocations: [entry] }));
  if (!parsed.ok) throw new Error("not a list");
  return parsed.value;
}

function aSwitch(more: Partial<Switch> = {}): Switch {
  return {
    id: "off-1",
    by: "ana",
    reason: "The gate itself stands in the way.",
    ticket: "INC-7",
    from: new Date(NOW.getTime() - 60_000),
    until: new Date(NOW.getTime() + 1),
    ...more,
  };
}

interface World {
  readonly switches?: readonly Switch[];
  readonly revocations?: Revocations | undefined;
  readonly policy?: Policy | undefined;
  /** The registry gives no answer. */
  readonly isDown?: boolean;
  readonly now?: Date;
}

/** The verdict on one image that no one has signed, in namespace shop. */
function admit(image: string, world: World, mode: Mode = "enforce"): Promise<Verdict> {
  const { switches = [aSwitch()], isDown = false, now = NOW } = world;
  const answer = <T>(value: T): Promise<T> =>
    isDown ? Promise.reject(new Fault("registry/unavailable", "it is down")) : Promise.resolve(value);
  const gate = createGate({
    registry: {
      resolve: () => answer(DIGEST),
      contents: ({ digest }) => answer({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: ({ digest }) =>
        answer({ subject: digest, found: [], skipped: [], gaps: [], searched: [] }),
    },
    verify: ({ subject }, _, at) => Promise.resolve({ ...evidenceOf({}), subject, collectedAt: at }),
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => ("policy" in world ? world.policy : POLICY),
    waivers: () => NO_WAIVERS,
    revocations: () => ("revocations" in world ? world.revocations : NO_REVOCATIONS),
    enforcement: (): Enforcement => ({ switches }),
    now: () => now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
  });
  const subjects = [{ image, place: "c0" }];
  const signal = new AbortController().signal;
  return gate.admit({ namespace: "shop", mode: () => mode, subjects, access: {}, signal });
}

async function outcome(image: string, world: World, mode?: Mode): Promise<string> {
  const { decision, mode: judged, objections, switches } = await admit(image, world, mode);
  const codes = objections.map(({ code }) => code).join(" ");
  return `${decision} ${judged} [${codes}] ${switches?.map(({ id }) => id).join(" ") ?? "-"}`;
}

describe("a switch in force", () => {
  it.each<[string, World, string]>([
    ["none", { switches: [] }, "deny enforce [signature/missing] -"],
    ["all namespaces", {}, "warn advisory [signature/missing] off-1"],
    [
      "this namespace",
      { switches: [aSwitch({ namespace: "shop" })] },
      "warn advisory [signature/missing] off-1",
    ],
    [
      "another namespace",
      { switches: [aSwitch({ namespace: "bank" })] },
      "deny enforce [signature/missing] -",
    ],
    [
      "the rule that refuses",
      { switches: [aSwitch({ rule: "app" })] },
      "warn advisory [signature/missing] off-1",
    ],
    ["another rule", { switches: [aSwitch({ rule: "base" })] }, "deny enforce [signature/missing] -"],
    ["one that ends now", { now: new Date(NOW.getTime() + 1) }, "deny enforce [signature/missing] -"],
  ])("for %s", async (_, world, expected) => {
    expect(await outcome(UNSIGNED, world)).toBe(expected);
  });

  it("changes nothing in a namespace that does not enforce", async () => {
    expect(await outcome(UNSIGNED, {}, "advisory")).toBe("warn advisory [signature/missing] -");
    expect(await outcome(UNSIGNED, {}, "off")).toBe("allow off [] -");
  });

  it("for a rule leaves refused what no rule covers", async () => {
    expect(await outcome(UNCOVERED, { switches: [aSwitch({ rule: "app" })] })).toBe(
      "deny enforce [policy/unmatched] -",
    );
    expect(await outcome(UNCOVERED, {})).toBe("warn advisory [policy/unmatched] off-1");
  });

  it("is named in the verdict with its person, reason and end", async () => {
    expect((await admit(UNSIGNED, {})).switches).toEqual([
      {
        id: "off-1",
        scope: "all namespaces",
        by: "ana",
        reason: "The gate itself stands in the way.",
        ticket: "INC-7",
        until: new Date(NOW.getTime() + 1),
      },
    ]);
  });
});

describe("what is refused whatever is switched off", () => {
  const revocations = revoking(DIGEST);

  it.each<[string, string, World, string]>([
    ["a revoked digest", UNSIGNED, { revocations }, "deny enforce [revocation/digest] off-1"],
    ["a tag of a revoked digest", TAGGED, { revocations }, "deny enforce"],
    [
      "a revoked digest while its registry is down",
      UNSIGNED,
      { revocations, isDown: true },
      "deny enforce [revocation/digest] off-1",
    ],
    [
      "a revoked digest while there is no policy",
      UNSIGNED,
      { revocations, policy: undefined },
      "deny enforce [policy/unavailable revocation/digest] off-1",
    ],
    [
      "a revoked digest that no rule covers",
      UNCOVERED,
      { revocations },
      "deny enforce [revocation/digest policy/unmatched] off-1",
    ],
    [
      "a revoked digest while its rule is off",
      UNSIGNED,
      { revocations, switches: [aSwitch({ rule: "app" })] },
      "deny enforce [revocation/digest]",
    ],
    [
      "anything while the list is not known",
      UNSIGNED,
      { revocations: undefined },
      "deny enforce [revocation/unavailable] off-1",
    ],
    [
      "a tag that cannot be resolved while digests are revoked",
      TAGGED,
      { revocations: revoking(digestOf("another")), isDown: true },
      "deny enforce [registry/unavailable",
    ],
  ])("%s", async (_, image, world, expected) => {
    const said = await outcome(image, world);
    expect(said.slice(0, expected.length)).toBe(expected);
  });

  it.each<[string, string, World]>([
    ["what the gate could not check", UNSIGNED, { isDown: true }],
    ["what there is no policy for", UNSIGNED, { policy: undefined }],
    ["a tag", TAGGED, {}],
    ["a tag that cannot be resolved while no digest is revoked", TAGGED, { isDown: true }],
  ])("and not %s", async (_, image, world) => {
    expect(await outcome(image, world)).toMatch(/^warn advisory .* off-1$/);
  });
});
