import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { approvalPayload, parseWaivers, type WaiverEntry } from "../../src/waivers/index.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { aPod, aReview } from "../support/review.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";
import { type RunningGate, startGate } from "../support/running-gate.ts";
import { publicKeyOf } from "../support/signed-layers.ts";
import { createSigstore, type Identity, keyPair, type Sigstore } from "../support/sigstore.ts";

const ISSUER = "https://login.acme.test";
const CREATED = "2026-11-24T08:00:00Z";
const NOW = new Date("2026-11-24T09:00:00Z");

/** People, what they sign with, and a world in which the policy knows them. */
interface People {
  readonly mia: Identity;
  readonly sam: Identity;
  readonly ops: Identity;
  readonly eve: Identity;
}

let sigstore: Sigstore;
let registry: OciRegistry;
let gate: RunningGate;
let folder: McFolder;
let people: People;
let unsigned: Digest;

const APPROVERS = {
  mia: { authority: "mia", seats: ["release-manager"] },
  Sam: { authority: "sam", seats: ["devsecops", "service-owner"] },
  ops: { authority: "ops", seats: ["devsecops"] },
};

function keyless(identity: string): object {
  return { keyless: { trustRoot: "test", issuer: ISSUER, identity } };
}

function policy(waivers: object = { requireSignedApprovals: true, approvers: APPROVERS }): string {
  return JSON.stringify({
    trustRoots: { test: { source: "inline", trustedRoot: JSON.stringify(sigstore.trustedRoot) } },
    authorities: {
      mia: keyless("mia@acme.test"),
      sam: keyless("sam@acme.test"),
      ops: { key: { pem: publicKeyOf(people.ops).pem } },
      release: keyless("release@acme.test"),
    },
    rules: [
      { name: "acme", images: [`${registry.host}/acme/*`], require: { signature: { anyOf: ["release"] } } },
    ],
    waivers,
  });
}

beforeAll(async () => {
  sigstore = await createSigstore();
  registry = await startOciRegistry();
  const person = (san: string): Promise<Identity> => sigstore.identity({ san, issuer: ISSUER });
  people = {
    mia: await person("mia@acme.test"),
    sam: await person("sam@acme.test"),
    ops: keyPair(),
    eve: await person("eve@evil.test"),
  };
  unsigned = registry.pushImage("acme/app");
  gate = await startGate({ registries: [registry], policy: policy(), now: () => NOW });
  folder = mcFolder(registry);
});

afterAll(async () => {
  await gate.stop();
  await registry.close();
  folder.remove();
});

beforeEach(() => {
  gate.policy.offer(policy());
  gate.revocations.offer("revocations: []");
});

function aWaiver(differing: Partial<WaiverEntry> = {}): WaiverEntry {
  return {
    id: "W-1",
    class: "signature",
    digest: unsigned,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: CREATED,
    ttl: "2d",
    ...differing,
  };
}

interface Signing {
  readonly by?: string;
  readonly seat?: string;
  /** What is signed instead of the canonical text. */
  readonly text?: string;
}

/** The waiver with one more approval, signed by somebody. */
async function signed(
  waiver: WaiverEntry,
  who: Identity | undefined,
  { by = "sam", seat = "devsecops", text }: Signing = {},
): Promise<WaiverEntry> {
  const bytes = Buffer.from(text ?? approvalPayload(waiver, { by, seat })!);
  const bundle = who && JSON.stringify(await sigstore.messageBundle(who, bytes));
  return {
    ...waiver,
    approvals: [...(waiver.approvals ?? []), { by, seat, at: CREATED, ...(bundle && { bundle }) }],
  };
}

/** What the gate says of a pod with the unsigned image while these waivers are in force: empty where it lets it pass. */
async function refusal(...waivers: readonly WaiverEntry[]): Promise<string> {
  gate.waivers.offer(JSON.stringify({ waivers }));
  expect(gate.waivers.current()!.problems).toEqual([]);
  const object = aPod(`${registry.host}/acme/app@${unsigned}`);
  const { response } = (await gate.post("/validate/enforce", aReview({ object }))).body;
  return response!.allowed ? "" : response!.status!.message;
}

describe("requireSignedApprovals", { timeout: 60_000 }, () => {
  it("lets a waiver count that somebody approved by their own signature, by certificate or key", async () => {
    expect(await refusal(await signed(aWaiver(), people.sam))).toBe("");
    expect(await refusal(await signed(aWaiver(), people.ops, { by: "ops" }))).toBe("");
    expect(await refusal(await signed(aWaiver(), people.sam, { by: "SAM" }))).toBe("");
  });

  it("ignores a waiver of names, which counts where it is not asked", async () => {
    const named = await signed(aWaiver(), undefined);
    expect(await refusal(named)).toContain(
      "waiver W-1 is ignored: the approval by sam does not count: it is not signed",
    );
    gate.policy.offer(policy({ approvers: APPROVERS }));
    expect(await refusal(named)).toBe("");
    gate.policy.offer(policy({}));
    expect(await refusal(named)).toBe("");
  });

  it("ignores a waiver that nobody approved, the short form too", async () => {
    expect(await refusal(aWaiver())).toContain("waiver W-1 is ignored: it has no approval");
  });

  it.each<[string, keyof People, Signing, string]>([
    ["somebody else", "mia", {}, "it is signed by mia@acme.test, but must be by sam"],
    ["a stranger", "eve", {}, "it is signed by eve@evil.test"],
    ["a person whom the policy does not name", "eve", { by: "eve" }, "the policy names no such approver"],
    [
      "a person for a seat that is not theirs",
      "sam",
      { seat: "release-manager" },
      "does not give them the seat",
    ],
    ["a key in a person's name", "ops", {}, "but must be by sam"],
    ["the right person over other words", "sam", { text: "{}" }, "the bundle is for other bytes"],
  ])("ignores one that is signed by %s", async (_, who, how, why) => {
    expect(await refusal(await signed(aWaiver(), people[who], how))).toContain(why);
  });

  it.each<[string, Partial<WaiverEntry>]>([
    ["a longer life", { ttl: "3d" }],
    ["another end", { expires: "2026-11-25T08:00:00Z" }],
    ["another beginning", { created: "2026-11-24T07:00:00Z" }],
    ["another class", { class: "sbom" }],
    ["another id", { id: "W-2" }],
    ["a namespace less to name", { namespaces: undefined }],
    ["another reason", { reason: "The supplier will never sign anything at all." }],
    ["another owner", { owners: ["eve"] }],
    ["a requester", { requestedBy: "eve" }],
  ])("ignores one that was changed after it was signed: %s", async (_, change) => {
    const waiver = await signed(aWaiver({ namespaces: ["shop"] }), people.sam);
    expect(await refusal(waiver)).toBe("");
    expect(await refusal({ ...waiver, ...change })).not.toBe("");
  });

  it("does not take one person's signature for another person, seat or waiver", async () => {
    const one = await signed(aWaiver(), people.sam);
    const [{ bundle }] = one.approvals as { bundle: string }[] as [{ bundle: string }];
    const as = (by: string, seat: string) => ({ ...one, approvals: [{ by, seat, at: CREATED, bundle }] });
    expect(await refusal(as("sam", "devsecops"))).toBe("");
    expect(await refusal(as("sam", "service-owner"))).toContain("the bundle is for other bytes");
    expect(await refusal(as("mia", "release-manager"))).toContain("the bundle is for other bytes");
    const other = { ...aWaiver({ id: "W-9" }), approvals: one.approvals };
    expect(await refusal(other)).toContain("the bundle is for other bytes");
  });

  it("needs every approval to verify, by as many signers", async () => {
    const both = await signed(await signed(aWaiver(), people.sam), people.mia, {
      by: "mia",
      seat: "release-manager",
    });
    expect(await refusal(both)).toBe("");
    const half = await signed(await signed(aWaiver(), people.sam), undefined, {
      by: "mia",
      seat: "release-manager",
    });
    expect(await refusal(half)).toContain("the approval by mia does not count: it is not signed");
    const pattern = { pattern: "^(sam|mia)@acme\\.test$" };
    const wide = JSON.parse(policy()) as { authorities: Record<string, { keyless: { identity: unknown } }> };
    for (const name of ["sam", "mia"]) wide.authorities[name]!.keyless.identity = pattern;
    gate.policy.offer(JSON.stringify(wide));
    const alone = await signed(await signed(aWaiver(), people.sam), people.sam, {
      by: "mia",
      seat: "release-manager",
    });
    expect(await refusal(both)).toBe("");
    expect(await refusal(alone)).toContain("one signer made two of its approvals");
  });

  it("does not take the owner's own consent alone", async () => {
    const own = await signed(aWaiver({ owners: ["Sam"] }), people.sam);
    expect(await refusal(own)).toContain("only its owners or its requester approved it");
    expect(await refusal(await signed(own, people.mia, { by: "mia", seat: "release-manager" }))).toBe("");
  });

  it("drops an approval at once when its signer is revoked, or no approver any more", async () => {
    const waiver = await signed(aWaiver(), people.sam);
    expect(await refusal(waiver)).toBe("");
    const entry = {
      id: "R-1",
      issuer: ISSUER,
      identity: "sam@acme.test",
      reason: "The token of this person was stolen.",
      created: CREATED,
    };
    gate.revocations.offer(JSON.stringify({ revocations: [entry] }));
    expect(await refusal(waiver)).toContain("revocation R-1 voids the signature");
    gate.revocations.offer("revocations: []");
    expect(await refusal(waiver)).toBe("");
    gate.policy.offer(policy({ requireSignedApprovals: true, approvers: { mia: APPROVERS.mia } }));
    expect(await refusal(waiver)).toContain("the policy names no such approver");
  });

  it("ignores junk, and lets another waiver that is approved count", async () => {
    const junk = (bundle: string) => ({
      ...aWaiver(),
      approvals: [{ by: "sam", seat: "devsecops", at: CREATED, bundle }],
    });
    for (const bundle of [
      "{}",
      "[]",
      "junk",
      '{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}',
    ])
      expect(await refusal(junk(bundle))).toContain("waiver W-1 is ignored");
    const statement = {
      _type: "https://in-toto.io/Statement/v1",
      subject: [],
      predicateType: "x",
      predicate: {},
    };
    const dsse = JSON.stringify(await sigstore.bundle(people.sam, statement));
    expect(await refusal(junk(dsse))).toContain("signs a statement");
    expect(await refusal(junk("{}"), await signed(aWaiver({ id: "W-2" }), people.sam))).toBe("");
  });

  it("still ends on the second", async () => {
    const short = await signed(aWaiver({ ttl: "1h" }), people.sam);
    expect(await refusal(short)).toContain("waiver W-1 (owner team-shop) ended at 2026-11-24T09:00:00Z");
  });
});

describe("mc waivers payload, approve and list", { timeout: 60_000 }, () => {
  it("leads from a waiver to one that counts, and says before why it does not", async () => {
    folder.write("policy.yaml", policy());
    const { approvals: _, ...plain } = aWaiver();
    const fields = Object.entries(plain).map(([key, value]) => `    ${key}: ${JSON.stringify(value)}`);
    folder.write("w.yaml", `waivers:\n  # kept\n  -\n${fields.join("\n")}\n`);
    const list = (...args: readonly string[]) =>
      folder.mc(["waivers", "list", "w.yaml", "--at", NOW.toISOString(), ...args]);
    expect(await list()).toMatchObject({ code: 0 });
    const before = await list("--policy", "policy.yaml");
    expect(before.code).toBe(10);
    expect(before.stdout).toMatch(/W-1 +signature +ignored/);
    expect(before.stdout).toContain("W-1 is ignored: it has no approval.");

    const who = ["--waivers", "w.yaml", "--by", "sam", "--seat", "devsecops"];
    const { stdout } = await folder.mc(["waivers", "payload", "W-1", ...who]);
    expect(stdout).toBe(approvalPayload(plain, { by: "sam", seat: "devsecops" }));
    expect(await folder.mc(["waivers", "approve", "W-1", ...who, "--ref", "SEC-1"])).toMatchObject({
      code: 0,
    });
    expect((await list("--policy", "policy.yaml")).stdout).toContain(
      "the approval by sam does not count: it is not signed",
    );

    const wrong = await sigstore.messageBundle(people.eve, Buffer.from(stdout));
    folder.write("b.json", JSON.stringify(wrong, undefined, 2));
    expect(await folder.mc(["waivers", "approve", "W-1", ...who, "--bundle", "b.json"])).toMatchObject({
      code: 0,
    });
    const told = JSON.parse((await list("--policy", "policy.yaml", "-o", "json")).stdout) as {
      waivers: object[];
    };
    expect(told.waivers).toMatchObject([
      {
        id: "W-1",
        approvals: [{ by: "sam", seat: "devsecops", signed: true }],
        ignored: expect.stringContaining("it is signed by eve@evil.test") as string,
      },
    ]);

    folder.write(
      "b.json",
      JSON.stringify(await sigstore.messageBundle(people.sam, Buffer.from(stdout)), undefined, 2),
    );
    expect(await folder.mc(["waivers", "approve", "W-1", ...who, "--bundle", "b.json"])).toMatchObject({
      code: 0,
    });
    const after = await list("--policy", "policy.yaml");
    expect([after.code, after.stdout]).toEqual([0, expect.not.stringContaining("ignored")]);
    expect(folder.read("w.yaml")).toContain("# kept");
    const parsed = parseWaivers(folder.read("w.yaml"));
    expect(parsed.ok && parsed.value.waivers[0]!.approvals).toHaveLength(1);
    gate.waivers.offer(folder.read("w.yaml"));
    const object = aPod(`${registry.host}/acme/app@${unsigned}`);
    expect((await gate.post("/validate/enforce", aReview({ object }))).body.response!.allowed).toBe(true);
  });
});
