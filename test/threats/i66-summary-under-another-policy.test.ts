import { afterAll, describe, expect, it } from "vitest";

import { digestOf, formatPolicyUri, PREDICATE_TYPES } from "../../src/core/index.ts";
import { summary } from "../support/predicates.ts";
import { attestation } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";

const VERIFIER = "https://acme.test/promoter";
const HOUR = 3_600_000;
const world = await signedWorld();
const { registry } = world;
const gate = await world.start();

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

/** The policy whose one rule asks for a summary. */
function promoting(settings: object): string {
  const policy = JSON.parse(world.policy) as { rules: { require: object }[] };
  const promotable = { anyOf: ["release"], verifiers: [VERIFIER], ...settings };
  policy.rules[0]!.require = { promotable };
  return JSON.stringify(policy);
}

async function judged(settings: object, said: object, waivers: readonly object[] = []) {
  const policy = promoting(settings);
  const digest = registry.pushImage("acme/app");
  const named = JSON.stringify(said).replaceAll("IN FORCE", digestOf(policy).slice("sha256:".length));
  const predicate = summary({
    verifier: { id: VERIFIER },
    timeVerified: new Date().toISOString(),
    resourceUri: `${registry.host}/acme/app`,
    ...(JSON.parse(named) as object),
  });
  await world.publish(digest, attestation(PREDICATE_TYPES.summaryV1, predicate));
  expect(gate.policy.offer(policy)).toEqual([]);
  expect(
    gate.waivers.offer(JSON.stringify({ waivers: waivers.map((each) => ({ ...each, digest })) })),
  ).toEqual([]);
  const { decision, objections } = await gate.gate.admit({
    namespace: "shop",
    mode: () => "enforce",
    subjects: [{ image: `${registry.host}/acme/app@${digest}`, place: "test" }],
    access: {},
    signal: AbortSignal.timeout(60_000),
  });
  return [decision, ...objections.map(({ code }) => code)];
}

const weak = { policy: { uri: "https://acme.test/weak", digest: { sha256: "c".repeat(64) } } };
const strict = { policies: [{ digests: [`sha256:${"b".repeat(64)}`] }] };
const judgedBy = (namespace: string): object => ({
  policy: {
    uri: formatPolicyUri({ uri: "https://acme.test/policy", namespace }),
    digest: { sha256: "b".repeat(64) },
  },
});
const legacy = { verifiedLevels: ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"] };

function emergency(approvals: readonly object[]): object {
  const created = new Date(Date.now() - HOUR).toISOString();
  return {
    id: "W-66",
    class: "promotable",
    reason: "Built before provenance was made; the rebuild is under way.",
    owners: ["team-shop"],
    created,
    ttl: "2d",
    approvals: approvals.map((each) => ({ ...each, at: created })),
  };
}

describe("I66: a verification summary that was made for something else", () => {
  it.each<[string, object, object, readonly string[]]>([
    ["the policy that the rule names", strict, {}, ["allow"]],
    ["a weaker policy", strict, weak, ["deny", "promotable/wrong-policy"]],
    [
      "the policy in force",
      { policies: "inForce" },
      { policy: { digest: { sha256: "IN FORCE" } } },
      ["allow"],
    ],
    ["an earlier policy", { policies: "inForce" }, {}, ["deny", "promotable/wrong-policy"]],
    ["no policy", strict, { policy: null }, ["deny", "promotable/wrong-policy"]],
    ["its own namespace's rules", {}, judgedBy("shop"), ["allow"]],
    ["another namespace's rules", {}, judgedBy("playground"), ["deny", "promotable/wrong-policy"]],
    ["those of a namespace that cannot be read", {}, judgedBy("SHOP"), ["deny", "promotable/wrong-policy"]],
    ["those of a namespace that the rule names", { judgedFor: ["build"] }, judgedBy("build"), ["allow"]],
  ])("under %s", async (_, settings, said, expected) => {
    expect(await judged(settings, said)).toEqual(expected);
  });

  it.each<[string, object, object, string]>([
    ["about another repository", {}, { resourceUri: "ghcr.io/mallory/app" }, "promotable/wrong-resource"],
    ["without provenance", {}, legacy, "promotable/level"],
    [
      "of an hour ago",
      { maxAge: "30m" },
      { timeVerified: new Date(Date.now() - HOUR).toISOString() },
      "promotable/too-old",
    ],
    ["by another verifier", {}, { verifier: { id: "https://mallory.test" } }, "promotable/untrusted-signer"],
  ])("%s is refused", async (_, settings, said, code) => {
    expect(await judged(settings, said)).toEqual(["deny", code]);
  });

  it("without provenance is admitted by an emergency waiver of both seats", async () => {
    const seats = [
      { by: "rita", seat: "release-manager" },
      { by: "dev", seat: "devsecops" },
    ];
    expect(await judged({}, legacy, [emergency(seats)])).toEqual(["allow"]);
  });
});
