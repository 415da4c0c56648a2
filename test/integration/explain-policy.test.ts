import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";
import { RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const REASON = "The release token was read by somebody else.";

interface Gate {
  readonly gate: string;
  readonly outcome: string;
  readonly objections: readonly { readonly code: string; readonly message: string }[];
  readonly saw: readonly {
    readonly what: string;
    readonly standsFor: readonly string[];
    readonly mismatch?: string;
  }[];
}
interface Explained {
  readonly decision: string;
  readonly digest: string;
  readonly rules: readonly {
    readonly name: string;
    readonly matches: boolean;
    readonly why?: string;
    readonly gates?: readonly Gate[];
  }[];
  readonly gaps: readonly { readonly code: string; readonly count: number }[];
  readonly voided: readonly { readonly by: string }[];
}

function outcomes({ rules }: Explained): Record<string, string> {
  return Object.fromEntries(
    rules.flatMap(({ name, gates = [] }) => gates.map(({ gate, outcome }) => [`${name}/${gate}`, outcome])),
  );
}

describe("mc policy explain", { timeout: 60_000 }, () => {
  let world: SignedWorld;
  let folder: McFolder;
  let complete: Digest;
  let unattested: Digest;
  let stranger: Digest;
  let bare: Digest;
  beforeAll(async () => {
    world = await signedWorld({ provenance: true });
    folder = mcFolder(world.registry);
    const policy = JSON.parse(world.policy) as { rules: unknown[] };
    policy.rules.push(
      {
        name: "elsewhere",
        images: [`${world.registry.host}/other/**`],
        require: { reference: { pinned: true } },
      },
      {
        name: "production",
        images: [`${world.registry.host}/acme/**`],
        namespaces: ["prod-*"],
        require: { signature: { anyOf: ["operations"] } },
      },
    );
    folder.write("policy.yaml", JSON.stringify(policy));
    const { registry, sign, attest, key } = world;
    [complete, unattested, stranger, bare] = [
      registry.pushImage("acme/app", { tag: "1.4" }),
      registry.pushImage("acme/app"),
      registry.pushImage("acme/app"),
      registry.pushImage("acme/app"),
    ];
    await Promise.all([sign(complete), attest(complete), sign(unattested), attest(stranger, key)]);
  });
  afterAll(async () => {
    await world.registry.close();
    folder.remove();
  });

  const named = (digest: Digest): string => `${world.registry.host}/acme/app@${digest}`;
  const files = ["--policy", "policy.yaml", "--registries", "registries.yaml"];
  const text = (...args: readonly string[]) => folder.mc(["policy", "explain", ...files, ...args]);
  const explained = async (...args: readonly string[]): Promise<Explained & { readonly code: number }> => {
    const { code, stdout } = await text("-o", "json", ...args);
    return { code, ...(JSON.parse(stdout) as Explained) };
  };

  it("says which rules match, which do not and why, and what each gate saw", async () => {
    const found = await explained(named(complete));
    expect([found.code, found.decision, outcomes(found)]).toEqual([
      0,
      "allow",
      { "acme/signature": "passes", "acme/provenance": "passes" },
    ]);
    expect(found.rules.map(({ name, why }) => [name, why])).toEqual([
      ["acme", undefined],
      ["elsewhere", expect.stringContaining("/acme/app is not ")],
      ["production", "the namespace default is not prod-*"],
    ]);
    expect(
      found.rules[0]!.gates!.map(({ saw }) => saw.map(({ what, standsFor }) => [what, standsFor])),
    ).toEqual([[["signature", ["release"]]], [["https://slsa.dev/provenance/v1", ["release"]]]]);
  });

  it("names the gate that objects with the code of the denial, and what it found instead", async () => {
    const found = await explained(named(unattested), "--namespace", "prod-eu");
    expect([found.code, outcomes(found)]).toEqual([
      10,
      { "acme/signature": "passes", "acme/provenance": "objects", "production/signature": "objects" },
    ]);
    const signature = found.rules[2]!.gates![0]!;
    expect(signature.objections[0]!.code).toBe("signature/untrusted-identity");
    expect(signature.saw[0]).toMatchObject({
      standsFor: [],
      mismatch: expect.stringContaining(RELEASE_WORKFLOW),
    });
  });

  it.each([
    ["complete", [], "allow"],
    ["unattested", [], "deny"],
    ["stranger", [], "deny"],
    ["bare", [], "deny"],
    ["complete", ["--namespace", "prod-eu"], "deny"],
    ["bare", ["--mode", "advisory"], "warn"],
  ])("decides on %s %j as mc verify does, with the same objections", async (name, args, decision) => {
    const image = named({ complete, unattested, stranger, bare }[name]!);
    const found = await explained(image, ...args);
    const verified = await folder.mc(["verify", ...files, "-o", "json", image, ...args]);
    const { results } = JSON.parse(verified.stdout) as {
      results: { decision: string; objections: { code: string; message: string }[] }[];
    };
    expect([found.decision, found.code]).toEqual([decision, verified.code]);
    expect(results[0]!.decision).toBe(decision);
    const objections = found.rules.flatMap(({ gates = [] }) => gates.flatMap((gate) => gate.objections));
    expect(objections.map(({ code, message }) => [code, message])).toEqual(
      results[0]!.objections.map(({ code, message }) => [code, message]),
    );
  });

  it("tells a gate that cannot be decided from one that objects, and what was not read", async () => {
    world.registry.fault(/\.att$/, { kind: "status", status: 403 });
    try {
      const found = await explained(named(unattested));
      expect([found.code, outcomes(found)]).toEqual([
        11,
        { "acme/signature": "passes", "acme/provenance": "cannot tell" },
      ]);
      expect(found.gaps).toMatchObject([{ code: "registry/forbidden", count: 1 }]);
      const { stdout } = await text(named(unattested));
      expect(stdout).toContain("incomplete: the .att tag was not read: ");
    } finally {
      world.registry.clearFaults();
    }
  });

  it("tells what a revocation takes away, and by which", async () => {
    const revocation = {
      id: "R-1",
      issuer: ISSUER,
      identity: RELEASE_WORKFLOW,
      reason: REASON,
      created: "2026-11-01T00:00:00Z",
    };
    folder.write("r.yaml", JSON.stringify({ revocations: [revocation] }));
    const found = await explained(named(complete), "--revocations", "r.yaml");
    expect([found.code, outcomes(found)]).toEqual([
      10,
      { "acme/signature": "objects", "acme/provenance": "objects" },
    ]);
    expect(found.voided).toEqual([
      expect.objectContaining({ by: "R-1" }),
      expect.objectContaining({ by: "R-1" }),
    ]);
    expect((await text(named(complete), "--revocations", "r.yaml")).stdout).toContain("void by R-1: ");
  });

  it("tells a waived objection from a pass", async () => {
    const at = "2026-11-24T12:00:00Z";
    const waiver = {
      id: "W-1",
      class: "provenance",
      digest: unattested,
      owners: ["olga"],
      reason: "It must run while the attestations are rebuilt.",
      created: at,
      ttl: "1h",
    };
    const approvals = ["release-manager", "devsecops"].map((seat) => ({ by: seat, seat, at }));
    folder.write("w.yaml", JSON.stringify({ waivers: [{ ...waiver, approvals }] }));
    const found = await explained(named(unattested), "--waivers", "w.yaml", "--at", "2026-11-24T12:30:00Z");
    expect([found.code, outcomes(found)]).toEqual([
      0,
      { "acme/signature": "passes", "acme/provenance": "waived" },
    ]);
  });

  it("says that nothing was asked where the verdict was clear before, or no rule matches", async () => {
    const tagged = await explained(`${world.registry.host}/acme/app:1.4`);
    expect([tagged.code, outcomes(tagged)]).toEqual([
      10,
      { "acme/signature": "not asked", "acme/provenance": "not asked" },
    ]);
    const advisory = await explained(`${world.registry.host}/acme/app:1.4`, "--mode", "advisory");
    expect([advisory.digest, outcomes(advisory)["acme/signature"]]).toEqual([complete, "passes"]);
    const { code, stdout } = await text(`ghcr.io/stranger/app@${bare}`);
    expect([code, stdout]).toEqual([10, expect.stringContaining("no rule matches; unmatched: deny")]);
  });

  it("prints rules, gates and what they saw as an indented text", async () => {
    const { stdout } = await text(named(unattested));
    expect(stdout.split("\n").slice(4, 11)).toEqual([
      `rule acme matches ${world.registry.host}/acme/*`,
      "  signature passes",
      expect.stringMatching(
        /^ {4}saw signature by .*release\.yml@refs\/heads\/main .*, logged; counts for release$/,
      ),
      "  provenance objects",
      expect.stringMatching(/^ {4}provenance\/missing: it has no SLSA provenance by /),
      expect.stringMatching(/^rule elsewhere does not match: /),
      "rule production does not match: the namespace default is not prod-*",
    ]);
  });

  it("exits 11 where it cannot tell, and 12 for a wrong call", async () => {
    world.registry.fault("/v2/acme/app/", { kind: "status", status: 503 });
    const { code, decision, rules } = await explained(named(bare));
    world.registry.clearFaults();
    expect([code, decision, rules[0]!.gates!.map(({ outcome }) => outcome)]).toEqual([
      11,
      "deny",
      ["not asked", "not asked"],
    ]);
    expect(await text("no image")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("not an image reference"),
    });
  });
});
