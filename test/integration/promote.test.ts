import { generateKeyPairSync } from "node:crypto";

import { describe, expect, it } from "vitest";

import { digestOf } from "../../src/core/index.ts";
import {
  backfill,
  built,
  BY,
  folder,
  journaled,
  lineOf,
  outcomesOf,
  POLICY_URI,
  promote,
  promoter,
  promoting,
  registry,
  statementIn,
  summariesOf,
  VERIFIER,
  verify,
  writePolicy,
  writes,
} from "../support/promoting.ts";

promoting();

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
    await promote("--yes", "--level", "2");
    const [summary, ...more] = await summariesOf(digest);
    expect(more).toEqual([]);
    const policy = digestOf(folder().read("policy.yaml")).slice(7);
    expect(statementIn(summary!)).toMatchObject({
      _type: "https://in-toto.io/Statement/v1",
      subject: [{ name: `${registry().host}/team/app`, digest: { sha256: digest.slice(7) } }],
      predicate: {
        verifier: { id: VERIFIER },
        resourceUri: `oci://${registry().host}/team/app`,
        policy: { uri: POLICY_URI, digest: { sha256: policy } },
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

  it("signs nothing for an image that was revoked since the journal", async () => {
    const digest = await journaled("good");
    const listed = { digest, reason: "stolen" };
    folder().write("revocations.yaml", JSON.stringify({ revocations: [], nonPromotable: [listed] }));
    const run = await promote("--yes", "--revocations", "revocations.yaml");
    expect([run.code, outcomesOf(run)]).toEqual([10, { unconfirmed: 1 }]);
  });

  it.each([
    ["another policy", () => writePolicy({ levels: ["SLSA_BUILD_LEVEL_1"] }), []],
    ["another level", () => undefined, ["--level", "3"]],
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
        const args = ["promote", ...BY, ...said, "--journal", "-", "--shard", shard, "-o", "json"];
        const { stdout } = await folder().mc(args, folder().read("journal.jsonl"));
        return (JSON.parse(stdout) as { images: number }).images;
      }),
    );
    expect(counts.reduce((sum, each) => sum + each, 0)).toBe(4);
  });

  it.each<[string, readonly string[], RegExp]>([
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
