import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import {
  attachmentsOf,
  backfill,
  built,
  BY,
  folder,
  journaled,
  judging,
  lineOf,
  outcomesOf,
  POLICY_URI,
  promote,
  promoter,
  promoterRevoked,
  promoting,
  registry,
  statementIn,
  summariesOf,
  VERIFIER,
  verify,
  writePolicy,
  writes,
} from "../support/promoting.ts";
import { keyPair } from "../support/sigstore.ts";

promoting();

const REVOCATIONS = ["--revocations", "policy.yaml"];
const UNCHECKED = "--revocations-not-checked-unsafe";

describe.each([
  ["backfill", "run"],
  ["promote", ""],
])("mc %s %s", (...command) => {
  const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "--key", "promoter.pem"];
  const own = command.includes("promote") ? said : ["--images", "policy.yaml"];
  const asked = command.filter(Boolean);
  it.each<[string, readonly string[], RegExp]>([
    ["without a namespace, for rules of some namespaces", [UNCHECKED], /by --namespace/],
    ["without revocations", ["--namespace", "default"], /--revocations-not-checked-unsafe accepts that/],
  ])("exits 12 %s", async (_, more, message) => {
    folder().write("journal.jsonl", "");
    const run = await folder().mc([...asked, ...BY, ...own, "--journal", "journal.jsonl", ...more]);
    expect([run.code, run.stderr]).toEqual([12, expect.stringMatching(message)]);
  });
});

describe("mc promote", { timeout: 120_000 }, () => {
  it("writes nothing but with --yes, then one summary that the gate accepts, and then nothing again", async () => {
    const good = await built("good");
    const bad = registry().pushImage("team/app", { tag: "bad" });
    await backfill();
    registry().clearRequests();
    const dry = await promote();
    expect([dry.code, outcomesOf(dry), writes()]).toEqual([0, { lacking: 1 }, 0]);
    expect((await verify(good)).code).toBe(10);

    const first = await promote("--yes");
    expect([first.code, outcomesOf(first)]).toEqual([0, { written: 1 }]);
    expect((await verify(good)).code).toBe(0);
    expect((await verify(bad)).code).toBe(10);

    registry().clearRequests();
    const second = await promote("--yes");
    expect([second.code, outcomesOf(second), writes()]).toEqual([0, { present: 1 }, 0]);
  });

  it("names the verifier, the repository, the policy in force, what was read, and the level", async () => {
    const digest = await journaled("good");
    await promote("--yes", "--level", "builder=2");
    const [summary, ...more] = await summariesOf(digest);
    expect(more).toEqual([]);
    const policy = digestOf(folder().read("policy.yaml")).slice(7);
    expect(statementIn(summary!)).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `${registry().host}/team/app`, digest: { sha256: digest.slice(7) } }],
      predicate: {
        verifier: { id: VERIFIER },
        resourceUri: `oci://${registry().host}/team/app`,
        policy: { uri: `${POLICY_URI}#namespace=default`, digest: { sha256: policy } },
        inputAttestations: [{ digest: { sha256: /^[0-9a-f]{64}$/ } }].map(() => expect.anything() as unknown),
        verificationResult: "PASSED",
        verifiedLevels: ["SLSA_BUILD_LEVEL_2"],
        slsaVersion: "1.2",
      },
    });
    // cosign 3 finds no signature in an envelope whose keyid is filled, and takes the hint next to it
    expect(summary!.dsseEnvelope.signatures.map(({ keyid = "" }) => keyid)).toEqual([""]);
    const spki = promoter.publicKey.export({ format: "der", type: "spki" });
    const hint = Buffer.from(summary!.verificationMaterial.publicKey.hint, "base64").toString("hex");
    expect(`sha256:${hint}`).toBe(digestOf(spki));
  });

  it.each([["promotable"], ["promotable-rebuilt"], ["legacy-linked"]])(
    "signs nothing on the word of a forged line: an image without provenance that is called %s",
    async (state) => {
      const bad = registry().pushImage("team/app", { tag: "bad" });
      folder().write("journal.jsonl", `${lineOf(bad, state)}\n`);
      registry().clearRequests();
      const { code, stdout, stderr } = await promote("--yes");
      expect([code, JSON.parse(stdout), writes()]).toMatchObject([10, { outcomes: { unconfirmed: 1 } }, 0]);
      expect(stderr).toContain("not promotable by the gate now");
    },
  );

  it("of lax rules promotes nothing where strict ones ask for the same policy in force", async () => {
    const digest = await journaled("good");
    const policy = JSON.parse(folder().read("policy.yaml")) as { rules: object[] };
    const lax = { name: "lax", images: [`${registry().host}/team/*`], namespaces: ["lax"] };
    policy.rules.push({ ...lax, require: { provenance: { anyOf: ["builder"] } } });
    folder().write("policy.yaml", JSON.stringify(policy));
    expect(outcomesOf(await promote("--yes", "--namespace", "lax"))).toEqual({ written: 1 });
    const refused = await verify(digest);
    expect([refused.code, refused.stdout + refused.stderr]).toEqual([
      10,
      expect.stringContaining("promotable/wrong-policy"),
    ]);
    expect(outcomesOf(await promote("--yes"))).toEqual({ written: 1 });
    expect((await verify(digest)).code).toBe(0);
  });

  it("names no attestation of a stranger as its input", async () => {
    const digest = await journaled("good");
    const before = await attachmentsOf(digest);
    await built("good", keyPair());
    await promote("--yes");
    const [summary] = await summariesOf(digest);
    const { predicate } = statementIn(summary!) as { predicate: { inputAttestations: object[] } };
    expect(predicate.inputAttestations).toEqual(
      before.map((each) => ({ digest: { sha256: each.slice("sha256:".length) } })),
    );
  });

  it("refuses a key that a rule accepts only with a log entry, and none is made, before it writes", async () => {
    await journaled("good");
    const policy = JSON.parse(folder().read("policy.yaml")) as {
      authorities: { promoter: { key: { transparencyLogNotRequiredUnsafe?: boolean } } };
    };
    delete policy.authorities.promoter.key.transparencyLogNotRequiredUnsafe;
    folder().write("policy.yaml", JSON.stringify(policy));
    registry().clearRequests();
    for (const how of [[], ["--yes"]]) {
      const { code, stderr } = await promote(...how);
      expect([code, writes()]).toEqual([12, 0]);
      expect(stderr).toContain("give --rekor-url");
    }
  });

  it("may be done again by another promoter after the first one's key was revoked", async () => {
    const digest = await journaled("good");
    const both = JSON.parse(folder().read("policy.yaml")) as { rules: { namespaces?: string[] }[] };
    for (const rule of both.rules) rule.namespaces = ["default", "prod"];
    folder().write("policy.yaml", JSON.stringify(both));
    await promote("--yes");
    expect((await verify(digest)).code).toBe(0);
    folder().write("revocations.yaml", JSON.stringify({ revocations: [promoterRevoked()] }));
    const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    folder().write("other.pem", other.export({ format: "pem", type: "pkcs8" }).toString());
    const run = await promote("--yes", "--key", "other.pem", "--revocations", "revocations.yaml");
    expect(outcomesOf(run)).toEqual({ written: 1 });
  });

  it("signs nothing for an image that was revoked since the journal", async () => {
    const digest = await journaled("good");
    const listed = { digest, reason: "stolen" };
    folder().write("revocations.yaml", JSON.stringify({ revocations: [], nonPromotable: [listed] }));
    const run = await promote("--yes", "--revocations", "revocations.yaml");
    expect([run.code, outcomesOf(run)]).toEqual([10, { unconfirmed: 1 }]);
  });

  it.each([
    ["another policy", () => writePolicy({ levels: ["SLSA_BUILD_LEVEL_1"] }), []],
    ["another level", () => undefined, ["--level", "builder=3"]],
    ["another verifier", () => undefined, ["--verifier", `${VERIFIER}/2`]],
  ])("writes a new summary where there is one by %s", async (_, change, more) => {
    const digest = await journaled("good");
    await promote("--yes");
    change();
    const again = await promote("--yes", ...more);
    expect([again.code, outcomesOf(again)]).toEqual([0, { written: 1 }]);
    expect(await summariesOf(digest)).toHaveLength(2);
  });

  it("takes no summary of another signer for its own", async () => {
    const digest = await journaled("good");
    const other = generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
    folder().write("other.pem", other.export({ format: "pem", type: "pkcs8" }).toString());
    await promote("--yes", "--key", "other.pem");
    const own = await promote("--yes");
    expect(outcomesOf(own)).toEqual({ written: 1 });
    expect((await verify(digest)).code).toBe(0);
  });

  it("refuses --max-age where nothing vouches for the time, before it writes anything", async () => {
    await journaled("good");
    registry().clearRequests();
    const { code, stderr } = await promote("--yes", "--max-age", "30d");
    expect([code, writes()]).toEqual([12, 0]);
    expect(stderr).toContain("--tsa-url");
  });

  it("says unknown where it cannot read what is there, and goes on where it stopped", async () => {
    await journaled("a", "b", "c");
    registry().fault({ path: /referrers/, times: 1 }, { kind: "bytes", bytes: "<html>" });
    const first = await promote("--yes", "--record", "record.jsonl", "--timeout", "5", "--concurrency", "1");
    expect([first.code, outcomesOf(first)]).toEqual([11, { unknown: 1, written: 2 }]);
    const torn = folder().read("record.jsonl").trimEnd().split("\n").slice(0, -1).join("\n").slice(0, -30);
    folder().write("record.jsonl", torn);
    registry().clearRequests();
    const second = await promote("--yes", "--record", "record.jsonl");
    expect(second.stderr).toContain("1 torn line(s) dropped");
    expect([second.code, outcomesOf(second)]).toEqual([0, { written: 2, present: 1 }]);
  });

  it.each<[string, readonly string[], readonly string[], object, object]>([
    ["the rules of another namespace", ["--namespace", "prod"], [], { unconfirmed: 1 }, { written: 1 }],
    ["a run without tags", [], ["--tag"], { written: 1 }, { present: 1 }],
  ])("continues no record of %s", async (_, ...row) => {
    const [firstBy, secondBy, before, after] = row;
    await journaled("a");
    const first = await promote("--yes", "--record", "record.jsonl", ...firstBy);
    expect(outcomesOf(first)).toEqual(before);
    const stopped = folder().read("record.jsonl").trimEnd().split("\n").slice(0, -1).join("\n");
    folder().write("record.jsonl", `${stopped}\n`);
    const second = await promote("--yes", "--record", "record.jsonl", ...secondBy);
    expect(outcomesOf(second)).toEqual(after);
  });

  it("tags the image where it is asked for, once", async () => {
    const digest = await journaled("good");
    await promote("--yes", "--tag");
    const tag = `promotable-${digest.slice(7, 19)}`;
    const read = await fetch(`${registry().url}/v2/team/app/manifests/${tag}`, { method: "HEAD" });
    expect(read.headers.get("docker-content-digest")).toBe(digest);
    registry().clearRequests();
    await promote("--yes", "--tag");
    expect(writes()).toBe(0);
  });

  it("takes a journal from standard input, and the parts of shards together are all", async () => {
    await journaled("a", "b", "c", "d");
    const counts = await Promise.all(
      ["1/2", "2/2"].map(async (shard) => {
        const said = ["--verifier", VERIFIER, "--policy-uri", POLICY_URI, "--key", "promoter.pem"];
        const args = [
          "promote",
          ...BY,
          ...judging([]),
          ...said,
          "--journal",
          "-",
          "--shard",
          shard,
          "-o",
          "json",
        ];
        const { stdout } = await folder().mc(args, folder().read("journal.jsonl"));
        return (JSON.parse(stdout) as { images: number }).images;
      }),
    );
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(4);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["a level that is none", ["--level", "builder=4"], /not AUTHORITY=N/],
    ["one level for all", ["--level", "3"], /not AUTHORITY=N/],
    ["a level of an authority that the policy does not name", ["--level", "x=3"], /no such authority/],
    ["a policy's address with a fragment", ["--policy-uri", "https://a.test/p#x"], /has a fragment/],
    ["a namespace that is none", ["--namespace", "a b"], /not the name of a namespace/],
    ["both ways to speak of revocations", [...REVOCATIONS, UNCHECKED], /give either/],
    ["no signer", ["--key", ""], /cannot read/],
    ["two signers", ["--certificate-identity", "a", "--certificate-oidc-issuer", "b"], /either --key or/],
    ["a key that is missing from the environment", ["--key", "env://MC_NONE"], /MC_NONE is not set/],
    ["--renew-before without --max-age", ["--renew-before", "72h"], /needs --max-age/],
    ["--renew-before as long as --max-age", ["--renew-before", "3d", "--max-age", "72h"], /every run/],
    ["an unsafe address", ["--rekor-url", "http://rekor.example.com"], /not an https/],
    ["a journal that is none", ["--journal", "policy.yaml"], /no judged image/],
  ])("exits 12 for %s", async (_, more, message) => {
    folder().write("journal.jsonl", "");
    const { code, stderr } = await promote(...more);
    expect(stderr).toMatch(message);
    expect(code).toBe(12);
  });
});
