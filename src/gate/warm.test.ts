import { describe, expect, it } from "vitest";

import { evidenceWorld, IMAGE, QUERY, settled } from "../../test/support/evidence-world.ts";
import { Fault, formatImageRef } from "../core/index.ts";
import { parsePolicy, type Policy } from "../policy/index.ts";
import { NO_REVOCATIONS, type Revocations } from "../revocations/index.ts";
import type { EvidenceQuery } from "./evidence/collect.ts";
import { createEvidenceStore } from "./evidence/evidence-store.ts";
import { DEFAULT_LIMITS } from "./evidence/limits.ts";
import type { WarmOutcome, WarmRequest } from "./ports.ts";
import { documentsOf } from "./snapshot.ts";
import { warm, warmAll } from "./warm.ts";

const { refreshAfterMs, staleLimitMs } = DEFAULT_LIMITS;
const HOUR = 3_600_000;
const REQUEST: WarmRequest = { image: formatImageRef(IMAGE), namespace: "shop", access: {} };

describe("evidence that is looked up ahead", () => {
  it("is there for the next who asks, and is not counted as a look-up of theirs", async () => {
    const { deps, calls, outcomes } = evidenceWorld();
    const store = createEvidenceStore(deps);
    expect(await store.warm(QUERY)).toBe("collected");
    await store.find(QUERY, 1000);
    expect([calls.length, outcomes]).toEqual([1, ["hit"]]);
  });

  it.each([
    ["known", refreshAfterMs * 0.6, 1],
    ["collected", refreshAfterMs * 0.7, 2],
  ])("is %s where what is in memory is %i ms old", async (outcome, now, asked) => {
    const { deps, calls, set } = evidenceWorld();
    const store = createEvidenceStore(deps);
    await store.warm(QUERY);
    set({ now });
    expect([await store.warm(QUERY), calls.length]).toEqual([outcome, asked]);
  });

  it.each([
    ["recalled", refreshAfterMs * 0.6, 0],
    ["collected", refreshAfterMs * 0.7, 1],
    ["collected", staleLimitMs + 1, 1],
  ])("is %s where what was kept over a restart is %i ms old", async (outcome, now, asked) => {
    const { deps, calls, set } = evidenceWorld();
    set({ keptAt: 0, now });
    expect([await createEvidenceStore(deps).warm(QUERY), calls.length]).toEqual([outcome, asked]);
  });

  it("is begun only while there is little to do for those who wait", async () => {
    const { deps } = evidenceWorld();
    const open = Promise.withResolvers<never>();
    const registry = { ...deps.registry, attachments: () => open.promise };
    const collections = { ...DEFAULT_LIMITS.collections, running: 2, ofHost: 2, waiting: 2 };
    const store = createEvidenceStore({ ...deps, registry, limits: { ...DEFAULT_LIMITS, collections } });
    const waiting = store.find(QUERY, 1000);
    expect(await store.warm({ ...QUERY, wants: "other" })).toBe("busy");
    open.reject(new Fault("registry/unavailable", "down"));
    await expect(waiting).rejects.toThrow("down");
  });
});

describe("a look-up ahead that fails", () => {
  it("is not held against whoever asks a moment later", async () => {
    const { deps, calls, outcomes, set } = evidenceWorld();
    const store = createEvidenceStore(deps);
    set({ down: true });
    await expect(store.warm(QUERY)).rejects.toMatchObject({ code: "registry/unavailable" });
    set({ down: false });
    expect((await store.find(QUERY, 1000)).staleBecause).toBeUndefined();
    expect([calls.length, outcomes]).toEqual([2, ["miss"]]);
  });

  it("leaves older evidence as it was, which was read back meanwhile", async () => {
    const { deps, set } = evidenceWorld();
    const store = createEvidenceStore(deps);
    set({ keptAt: 0, now: HOUR, down: true });
    await expect(store.warm(QUERY)).rejects.toMatchObject({ code: "registry/unavailable" });
    expect((await store.find(QUERY, 1000)).staleBecause?.code).toBe("registry/unavailable");
  });

  it("of an older image does not keep the next who asks from its registry", async () => {
    const { deps, set } = evidenceWorld();
    const store = createEvidenceStore(deps);
    set({ keptAt: 0, now: HOUR, down: true });
    await expect(store.warm(QUERY)).rejects.toThrow("down");
    set({ down: false });
    expect((await store.find(QUERY, 1000)).staleBecause).toBeUndefined();
  });
});

function policyOf(require: object, images = "ghcr.io/acme/*"): Policy {
  const text = JSON.stringify({
    authorities: {
      release: { keyless: { trustRoot: "public", issuer: "https://issuer.example", identity: "me" } },
    },
    trustRoots: { public: { source: "publicGood" } },
    rules: [{ name: "all", images: [images], require }],
  });
  const parsed = parsePolicy(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed.value;
}

const signature = { anyOf: ["release"] };
const SIGNED = policyOf({ signature });

describe("an image", () => {
  const store = { warm: () => Promise.resolve("collected" as const) };
  const failing = { warm: () => Promise.reject(new Fault("trust/unavailable", "none")) };

  it.each<
    [
      string,
      string,
      {
        image?: string;
        policy?: Policy | undefined;
        revocations?: Revocations | undefined;
        using?: typeof store | typeof failing;
      },
    ]
  >([
    ["collected", "whose evidence a rule asks for", {}],
    ["failed", "of which nothing can be had", { using: failing }],
    ["skipped", "while no policy is in force", { policy: undefined }],
    ["skipped", "while it is not known what is revoked", { revocations: undefined }],
    ["skipped", "that no rule is about", { policy: policyOf({ signature }, "ghcr.io/other/*") }],
    ["skipped", "by tag", { image: "ghcr.io/acme/app:1" }],
    ["skipped", "that is none", { image: "!!" }],
  ])("is %s: one %s", async (outcome, _, change) => {
    const usual = { image: REQUEST.image, policy: SIGNED, revocations: NO_REVOCATIONS, using: store };
    const { image, policy, revocations, using } = { ...usual, ...change };
    const documents = documentsOf({ policy: () => policy, revocations: () => revocations });
    expect(await warm({ ...REQUEST, image }, documents, using)).toBe(outcome);
  });

  it.each([
    ["a part of the evidence by a rule for which a part will do", false],
    ["all of it while a key counts again after some time", true],
  ])("asks for %s", async (_, hasWindowEnds) => {
    const asked: EvidenceQuery[] = [];
    const using = {
      warm: (query: EvidenceQuery) => {
        asked.push(query);
        return Promise.resolve("known" as const);
      },
    };
    await warm(REQUEST, { policy: SIGNED, revocations: { ...NO_REVOCATIONS, hasWindowEnds } }, using);
    expect(asked).toMatchObject([{ acceptsPartial: !hasWindowEnds, needsAllEvidence: hasWindowEnds }]);
  });
});

describe("many images", () => {
  const images = ["a", "b", "c"].map((image) => ({ ...REQUEST, image }));

  it("are looked up so many at a time, each once, and told of", async () => {
    let underWay = 0;
    const most: number[] = [];
    const told: WarmOutcome[] = [];
    await warmAll(images, {
      warm: async () => {
        most.push((underWay += 1));
        await settled();
        underWay -= 1;
        return "known";
      },
      atOnce: 2,
      signal: new AbortController().signal,
      onOutcome: (outcome) => told.push(outcome),
    });
    expect([Math.max(...most), told]).toEqual([2, ["known", "known", "known"]]);
  });

  it("wait while the gate is busy, and go on when it no longer is", async () => {
    const asked: string[] = [];
    const told: string[] = [];
    await warmAll(images, {
      warm: ({ image }) => Promise.resolve(asked.push(image) < 3 ? "busy" : "collected"),
      atOnce: 1,
      signal: new AbortController().signal,
      onOutcome: (outcome) => told.push(outcome),
    });
    expect([asked, told.length]).toEqual([["a", "a", "a", "b", "c"], 3]);
  });

  it("are left alone once that is asked for, be it in the middle of a pause", async () => {
    const stop = new AbortController();
    const asked: string[] = [];
    const all = warmAll(images, {
      warm: ({ image }) => Promise.resolve(asked.push(image) > 0 ? "busy" : "known"),
      atOnce: 1,
      signal: stop.signal,
      onOutcome: () => asked.push("told"),
    });
    await settled();
    stop.abort();
    await all;
    expect(asked).toEqual(["a"]);
  });
});
