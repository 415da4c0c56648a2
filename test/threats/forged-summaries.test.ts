import { afterAll, describe, expect, it } from "vitest";

import { digestOf, PREDICATE_TYPES } from "../../src/core/index.ts";
import { summary } from "../support/predicates.ts";
import { attestation } from "../support/signed-layers.ts";
import { signedWorld } from "../support/signed-world.ts";
import type { BundleOptions } from "../support/sigstore-entries.ts";

const VERIFIER = "https://acme.test/promoter";
const URI = "https://acme.test/policy";
const LAX = "#namespace=playground";
const HOUR_S = 3600;
const world = await signedWorld();
const { registry } = world;
const gate = await world.start();
const REPOSITORY = `${registry.host}/acme/app`;

afterAll(async () => {
  await gate.stop();
  await registry.close();
});

/** One policy: lax in the playground, and in the shop it asks for a summary. */
function policyWith(settings: object): string {
  const policy = JSON.parse(world.policy) as {
    authorities: { operations: { key: object } };
    rules: { images: string[]; require: object }[];
  };
  const [rule] = policy.rules;
  policy.authorities.operations.key = {
    ...policy.authorities.operations.key,
    transparencyLogNotRequiredUnsafe: true,
  };
  const promotable = { anyOf: ["release", "operations"], verifiers: [VERIFIER], ...settings };
  const rules = [
    { ...rule, name: "shop", namespaces: ["shop"], require: { promotable } },
    { ...rule, name: "playground", namespaces: ["playground"] },
  ];
  return JSON.stringify({ ...policy, rules });
}

/** Something that the trusted promoter really signed about the image. */
interface Said {
  readonly type?: string;
  readonly predicate: object;
  /** What the statement calls its subject. */
  readonly name?: string;
  readonly how?: BundleOptions;
}

function vsa(differing: object, how?: BundleOptions): Said {
  const predicate = summary({
    verifier: { id: VERIFIER },
    timeVerified: secondsFromNow(0),
    resourceUri: REPOSITORY,
    policy: { uri: `${URI}#namespace=shop`, digest: { sha256: "IN FORCE" } },
    ...differing,
  });
  return { predicate, ...(how && { how }) };
}

function by(uri: string, digest: object = { sha256: "IN FORCE" }): Said {
  return vsa({ policy: { uri, digest } });
}

function svr(differing: object, name = REPOSITORY): Said {
  const policies = [{ uri: `${URI}#namespace=shop`, digest: { sha256: "IN FORCE" } }];
  const predicate = {
    verifier: { id: VERIFIER, policies },
    timeCreated: secondsFromNow(0),
    properties: ["SLSA_BUILD_LEVEL_3"],
    ...differing,
  };
  return { type: PREDICATE_TYPES.resultV02, predicate, name };
}

/** By a key, at a time that an authority vouches for. */
function at(seconds: number): BundleOptions {
  return { rekor: "none", timestamps: 1, secondsFromNow: seconds };
}

function secondsFromNow(seconds: number): string {
  return new Date(Date.now() + seconds * 1000).toISOString();
}

async function judged(settings: object, said: readonly Said[]): Promise<readonly string[]> {
  const policy = policyWith(settings);
  const digest = registry.pushImage("acme/app");
  const inForce = digestOf(policy).slice("sha256:".length);
  for (const { type = PREDICATE_TYPES.summaryV1, predicate, name, how } of said) {
    const own = JSON.parse(JSON.stringify(predicate).replaceAll("IN FORCE", inForce)) as object;
    const made = attestation(type, own, name);
    const bundle: typeof made.bundle = (sigstore, who, subject) => made.bundle(sigstore, who, subject, how);
    await world.publish(digest, { bundle }, how === undefined ? world.release : world.key);
  }
  expect(gate.policy.offer(policy)).toEqual([]);
  const { decision, objections } = await gate.gate.admit({
    namespace: "shop",
    mode: () => "enforce",
    subjects: [{ image: `${REPOSITORY}@${digest}`, place: "test" }],
    access: {},
    signal: AbortSignal.timeout(60_000),
  });
  return [decision, ...objections.map(({ code }) => code)];
}

const OTHER = { sha256: "b".repeat(64) };
const byUri = { policies: [{ uri: { pattern: "^https://acme\\.test/.*$" } }] };

describe("a summary that really was signed, for something else", () => {
  it("is admitted where nothing is wrong with it, so that the others are refused for what they differ in", async () => {
    expect(await judged({}, [vsa({})])).toEqual(["allow"]);
    expect(await judged({ policies: "inForce", maxAge: "1h" }, [vsa({}, { timestamps: 1 })])).toEqual([
      "allow",
    ]);
    expect(await judged({}, [svr({})])).toEqual(["allow"]);
    expect(await judged(byUri, [by(`${URI}#namespace=shop`, OTHER)])).toEqual(["allow"]);
  });

  it.each<[string, string]>([
    ["the lax namespace", LAX],
    ["a namespace in capitals", "#namespace=SHOP"],
    ["a name in capitals", "#Namespace=playground"],
    ["the lax namespace, then ours", `${LAX}#namespace=shop`],
    ["ours, then the lax namespace", `#namespace=shop${LAX}`],
    ["both in one fragment", `${LAX}&namespace=shop`],
    ["ours and more", "#namespace=shop,playground"],
    ["an encoded namespace", "#namespace=%70layground"],
    ["an encoded equals sign", "#namespace%3Dplayground"],
    ["an encoded name", "#%6eamespace=playground"],
    ["a slash at the end", `${LAX}/`],
    ["a space at the end", `${LAX} `],
    ["a line break", `${LAX}\n`],
    ["a namespace and a query behind it", `${LAX}?x`],
    ["another field before it", "#rev=1&namespace=playground"],
    ["an empty namespace", "#namespace="],
    ["a namespace that only begins as ours", "#namespace=shop-2"],
  ])("names by whose rules it was judged: %s", async (_, fragment) => {
    const wrong = ["deny", "promotable/wrong-policy"];
    for (const digest of [{ sha256: "IN FORCE" }, OTHER]) {
      expect(await judged({}, [by(`${URI}${fragment}`, digest)])).toEqual(wrong);
      expect(await judged(byUri, [by(`${URI}${fragment}`, digest)])).toEqual(wrong);
    }
    expect(await judged({ policies: "inForce" }, [by(`${URI}${fragment}`)])).toEqual(wrong);
    expect(await judged({ judgedFor: ["shop"] }, [by(`${URI}${fragment}`)])).toEqual(wrong);
  });

  it.each<[string, object, Said]>([
    ["the policy in force, without a namespace", {}, by(URI)],
    ["the same in a query", {}, by(`${URI}?namespace=shop`)],
    ["an encoded fragment", {}, by(`${URI}%23namespace=shop`)],
    ["no address", {}, vsa({ policy: { digest: { sha256: "IN FORCE" } } })],
    ["no policy, where a namespace is named", { judgedFor: ["shop"] }, vsa({ policy: {} })],
    [
      "no digest, where the one in force is asked for",
      { policies: "inForce" },
      by(`${URI}#namespace=shop`, {}),
    ],
    ["another algorithm", { policies: "inForce" }, by(`${URI}#namespace=shop`, { sha512: "IN FORCE" })],
    ["a list of policies", { policies: "inForce" }, vsa({ policy: [{ digest: { sha256: "IN FORCE" } }] })],
    [
      "one policy in force by another's rules, and another by ours (SVR)",
      { policies: "inForce" },
      svr({
        verifier: {
          id: VERIFIER,
          policies: [
            { uri: `${URI}${LAX}`, digest: { sha256: "IN FORCE" } },
            { uri: `${URI}#namespace=shop`, digest: OTHER },
          ],
        },
      }),
    ],
  ])("names %s", async (_, settings, said) => {
    expect(await judged(settings, [said])).toEqual(["deny", "promotable/wrong-policy"]);
  });

  it.each<[string, string]>([
    ["a sibling that begins the same", `${REPOSITORY}-2`],
    ["a repository below", `${REPOSITORY}/sub`],
    ["the one above", REPOSITORY.replace(/\/app$/, "")],
    ["a sibling, and back", `${registry.host}/acme/other/../app`],
    ["ours, and away", `${REPOSITORY}/../other`],
    ["a sibling with ours as its tag", `${registry.host}/acme/other:app`],
    ["another registry", "ghcr.io/acme/app"],
    ["another port", `${registry.host}1/acme/app`],
    ["ours as a user of another host", `oci://${registry.host}@ghcr.io/acme/app`],
    ["ours as a query of another", `oci://ghcr.io/acme/app?repository_url=${REPOSITORY}`],
    ["ours as a fragment of another", `ghcr.io/acme/app#${REPOSITORY}`],
    ["an encoded slash", REPOSITORY.replace("/app", "%2Fapp")],
    ["a slash at the end", `${REPOSITORY}/`],
    ["capitals", REPOSITORY.replace("acme/app", "acme/APP")],
    ["a package URL of a sibling", `pkg:oci/other?repository_url=${registry.host}/acme/other`],
    [
      "two addresses in a package URL",
      `pkg:oci/app?repository_url=ghcr.io/x/app&repository_url=${REPOSITORY}`,
    ],
    ["another digest of ours", `${REPOSITORY}@sha256:${"d".repeat(64)}`],
    ["a tag and another digest", `${REPOSITORY}:v1@sha256:${"d".repeat(64)}`],
    ["nothing", ""],
  ])("is about %s", async (_, resourceUri) => {
    expect(await judged({}, [vsa({ resourceUri })])).toEqual(["deny", "promotable/wrong-resource"]);
    expect(await judged({}, [svr({}, resourceUri)])).toEqual(["deny", "promotable/wrong-resource"]);
  });

  it.each<[string, object, readonly string[]]>([
    ["no level", {}, []],
    ["level 0", {}, ["SLSA_BUILD_LEVEL_0"]],
    ["our own for linked history", {}, ["SLSA_BUILD_LEVEL_0", "MC_LEGACY_LINKED"]],
    ["level 1 in small letters", {}, ["slsa_build_level_1"]],
    ["level 1 with a space", {}, [" SLSA_BUILD_LEVEL_1"]],
    ["level 1 with a line break", {}, ["SLSA_BUILD_LEVEL_1\n"]],
    ["level 1 of another track", {}, ["SLSA_SOURCE_LEVEL_3"]],
    ["a level of three digits", {}, ["SLSA_BUILD_LEVEL_100"]],
    ["a level below nothing", {}, ["SLSA_BUILD_LEVEL_-1"]],
    ["a level in other digits", {}, ["SLSA_BUILD_LEVEL_\u0663"]],
    ["an unevaluated one", {}, ["SLSA_BUILD_LEVEL_UNEVALUATED"]],
    ["all levels in one text", { levels: ["SLSA_BUILD_LEVEL_2"] }, ["SLSA_BUILD_LEVEL_1,SLSA_BUILD_LEVEL_2"]],
    [
      "one of two that are asked for",
      { levels: ["SLSA_BUILD_LEVEL_2", "MC_REVIEWED"] },
      ["SLSA_BUILD_LEVEL_3"],
    ],
  ])("names %s", async (_, settings, levels) => {
    expect(await judged(settings, [vsa({ verifiedLevels: levels })])).toEqual(["deny", "promotable/level"]);
    expect(await judged(settings, [svr({ properties: levels })])).toEqual(["deny", "promotable/level"]);
  });

  it.each<[string, object, BundleOptions]>([
    ["of long ago by its own words", { timeVerified: secondsFromNow(-2 * HOUR_S) }, at(0)],
    ["of long ago by its timestamp", {}, at(-2 * HOUR_S)],
    [
      "of tomorrow by its own words, of long ago by its timestamp",
      { timeVerified: secondsFromNow(24 * HOUR_S) },
      at(-2 * HOUR_S),
    ],
    ["without a timestamp", {}, { rekor: "none", timestamps: 0 }],
    [
      "of tomorrow by its own words, without a timestamp",
      { timeVerified: secondsFromNow(24 * HOUR_S) },
      { rekor: "none", timestamps: 0 },
    ],
  ])("is too old where it is %s", async (_, differing, how) => {
    expect(await judged({ maxAge: "1h" }, [vsa(differing, how)])).toEqual(["deny", "promotable/too-old"]);
  });

  const failed = { verificationResult: "FAILED" };
  const [early, late] = [at(-60), at(0)];
  it.each<[string, readonly Said[]]>([
    ["a newer one that failed", [vsa({ timeVerified: secondsFromNow(-60) }, early), vsa(failed, late)]],
    [
      "an older one that failed about a sibling too",
      [vsa({ ...failed, resourceUri: `oci://${REPOSITORY}` }, early), vsa({}, late)],
    ],
    ["an older one that failed, and a newer SVR", [vsa(failed, early), { ...svr({}), how: late }]],
    ["one that failed of the same instant", [vsa(failed, late), vsa({}, late)]],
    [
      "an older one that failed, and a newer one that says it is older",
      [
        vsa({ ...failed, timeVerified: secondsFromNow(-30) }, early),
        vsa({ timeVerified: secondsFromNow(-90) }, late),
      ],
    ],
  ])("does not count beside %s", async (_, said) => {
    for (const order of [said, said.toReversed()])
      expect(await judged({}, order)).toEqual(["deny", "promotable/refused"]);
  });

  it("adds nothing up: one with the level and one with the repository are not one with both", async () => {
    const low = vsa({ verifiedLevels: ["SLSA_BUILD_LEVEL_0"] });
    const elsewhere = vsa({ resourceUri: `${REPOSITORY}-2` });
    const lax = by(`${URI}${LAX}`);
    const [decision, ...codes] = await judged({}, [low, elsewhere, lax]);
    expect([decision, codes.length]).toEqual(["deny", 1]);
  });

  it("of an image in an index does not promote the index, nor that of an index its image", async () => {
    const child = registry.pushImage("acme/app");
    const index = registry.pushIndex("acme/app", { manifests: [child] });
    const policy = policyWith({});
    const inForce = digestOf(policy).slice("sha256:".length);
    const predicate = JSON.parse(JSON.stringify(vsa({}).predicate).replaceAll("IN FORCE", inForce)) as object;
    expect(gate.policy.offer(policy)).toEqual([]);
    const decide = async (digest: string): Promise<string> => {
      const { decision } = await gate.gate.admit({
        namespace: "shop",
        mode: () => "enforce",
        subjects: [{ image: `${REPOSITORY}@${digest}`, place: "test" }],
        access: {},
        signal: AbortSignal.timeout(60_000),
      });
      return decision;
    };
    await world.publish(child, attestation(PREDICATE_TYPES.summaryV1, predicate));
    expect([await decide(child), await decide(index)]).toEqual(["allow", "deny"]);
    const other = registry.pushImage("acme/app");
    const list = registry.pushIndex("acme/app", { manifests: [other] });
    await world.publish(list, attestation(PREDICATE_TYPES.summaryV1, predicate));
    expect([await decide(list), await decide(other)]).toEqual(["allow", "deny"]);
  });
});
