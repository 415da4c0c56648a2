import { describe, expect, it } from "vitest";

import {
  attachSummary,
  builderRevoked,
  folder,
  journaled,
  outcomesOf,
  promote,
  promoting,
  registry,
  summariesOf,
  verify,
  writePolicy,
  writes,
} from "../support/promoting.ts";

promoting();

const HOUR = 3_600_000;
const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();

describe("mc promote, where this signer has said something of the image", { timeout: 120_000 }, () => {
  it("signs nothing over a FAILED of its own: unconfirmed, and the gate still refuses", async () => {
    const digest = await journaled("good");
    await attachSummary(digest, { verificationResult: "FAILED", timeVerified: ago(1000) });
    registry().clearRequests();
    for (const how of [[], ["--yes"]]) {
      const run = await promote(...how);
      expect([run.code, outcomesOf(run), writes()]).toEqual([10, { unconfirmed: 1 }, 0]);
      expect(run.stderr).toContain("nothing was signed");
    }
    const { code, stdout, stderr } = await verify(digest);
    expect([code, stdout + stderr]).toEqual([10, expect.stringContaining("promotable/refused")]);
  });

  it("names promotable/refused in the record", async () => {
    const digest = await journaled("good");
    await attachSummary(digest, { verificationResult: "FAILED", timeVerified: ago(1000) });
    await promote("--yes", "--record", "record.jsonl");
    const lines = folder()
      .read("record.jsonl")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toContainEqual(
      expect.objectContaining({
        outcome: "unconfirmed",
        reasons: [expect.objectContaining({ code: "promotable/refused" })],
      }),
    );
  });

  it("PASSED, then a newer FAILED: not present, but unconfirmed", async () => {
    const digest = await journaled("good");
    await promote("--yes");
    await attachSummary(digest, { verificationResult: "FAILED", timeVerified: ago(-HOUR) });
    const run = await promote("--yes");
    expect([run.code, outcomesOf(run)]).toEqual([10, { unconfirmed: 1 }]);
  });

  it("FAILED, then a newer PASSED: present, as the gate says", async () => {
    const digest = await journaled("good");
    await attachSummary(digest, { verificationResult: "FAILED", timeVerified: ago(HOUR) });
    const good = { verificationResult: "PASSED", verifiedLevels: ["SLSA_BUILD_LEVEL_1"] };
    await attachSummary(digest, { ...good, timeVerified: ago(1000) });
    const run = await promote("--yes");
    expect([run.code, outcomesOf(run), (await verify(digest)).code]).toEqual([0, { present: 1 }, 0]);
  });

  it("policy A, then B, then A again: written again, since the gate counts the newest", async () => {
    const digest = await journaled("good");
    await promote("--yes");
    writePolicy({ levels: ["SLSA_BUILD_LEVEL_1"] });
    await promote("--yes");
    writePolicy();
    const run = await promote("--yes");
    expect([run.code, outcomesOf(run), (await verify(digest)).code]).toEqual([0, { written: 1 }, 0]);
    expect(await summariesOf(digest)).toHaveLength(3);
  });

  it("one that cannot be read: unknown, since the gate refuses by it whatever else is there", async () => {
    const digest = await journaled("good");
    await attachSummary(digest, { verificationResult: 7 });
    const run = await promote("--yes");
    expect([run.code, outcomesOf(run), (await verify(digest)).code]).toEqual([11, { unknown: 1 }, 10]);
  });

  it.each([
    [
      "revoked by its digest",
      (digest: string) => ({ revocations: [], nonPromotable: [{ digest, reason: "stolen" }] }),
    ],
    ["revoked by its builder", () => ({ revocations: [builderRevoked()] })],
  ])("promoted, then %s: contradicted, named with its digest, exit 10", async (_, revocations) => {
    const digest = await journaled("good");
    await promote("--yes");
    folder().write("revocations.yaml", JSON.stringify(revocations(digest)));
    const run = await promote("--yes", "--revocations", "revocations.yaml");
    const image = `${registry().host}/team/app@${digest}`;
    expect([run.code, outcomesOf(run)]).toEqual([10, { contradicted: 1 }]);
    expect(JSON.parse(run.stdout)).toMatchObject({ contradicted: [image] });
    expect(run.stderr).toContain(image);
    expect(run.stderr).toContain("mc revocations add --digest");
  });

  it("promoted, then FAILED and revoked: unconfirmed, since the gate refuses it", async () => {
    const digest = await journaled("good");
    await promote("--yes");
    await attachSummary(digest, { verificationResult: "FAILED", timeVerified: ago(-HOUR) });
    folder().write("revocations.yaml", JSON.stringify({ revocations: [builderRevoked()] }));
    const run = await promote("--yes", "--revocations", "revocations.yaml");
    expect([run.code, outcomesOf(run)]).toEqual([10, { unconfirmed: 1 }]);
  });
});
