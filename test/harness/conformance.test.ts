import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { casesIn } from "../conformance/cases.ts";
import { runCases } from "../conformance/run-cases.ts";
import { GITHUB_ISSUER, RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";
import { createSigstore, keyPair } from "../support/sigstore.ts";

const sigstore = await createSigstore();
const artifact = Buffer.from("an artifact");
const key = keyPair();
const keyPem = key.publicKey.export({ format: "pem", type: "spki" }).toString();
const signed = {
  keyless: JSON.stringify(await sigstore.messageBundle(await sigstore.identity(), artifact)),
  key: JSON.stringify(await sigstore.messageBundle(key, artifact)),
};

describe("the runner of the conformance suite", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "mc-conformance-"));
    writeFileSync(join(folder, "a.txt"), artifact);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function aCase(name: string, files: Record<string, string>): void {
    mkdirSync(join(folder, name));
    const all = { "trusted_root.json": JSON.stringify(sigstore.trustedRoot), ...files };
    for (const [file, text] of Object.entries(all)) writeFileSync(join(folder, name, file), text);
  }
  const keyless = {
    "bundle.sigstore.json": signed.keyless,
    identity: RELEASE_WORKFLOW,
    issuer: GITHUB_ISSUER,
  };

  it("counts each case by path and by digest", () => {
    aCase("keyless", keyless);
    aCase("key", { "bundle.sigstore.json": signed.key, "key.pub": keyPem });
    aCase("other-identity_fail", { ...keyless, identity: "https://github.com/acme/other" });
    aCase("other-artifact_fail", { ...keyless, artifact: "another artifact" });
    expect(runCases(casesIn(folder))).toEqual({
      lines: ["8 passed, 0 failed, 0 skipped"],
      isConformant: true,
    });
  });

  it("names a case that verifies and must not, and one that does not and must", () => {
    aCase("good_fail", keyless);
    aCase("unusable-root", { ...keyless, "trusted_root.json": "{}" });
    const { lines, isConformant } = runCases(casesIn(folder));
    expect(lines).toEqual([
      "good_fail      path    it verifies",
      "good_fail      digest  it verifies",
      expect.stringMatching(/^unusable-root {2}path {4}the trusted root cannot be used: /),
      expect.stringMatching(/^unusable-root {2}digest {2}the trusted root cannot be used: /),
      "0 passed, 4 failed, 0 skipped",
    ]);
    expect(isConformant).toBe(false);
  });

  it("fails on a folder without cases", () => {
    expect(runCases(casesIn(folder))).toEqual({
      lines: ["0 passed, 0 failed, 0 skipped"],
      isConformant: false,
    });
  });

  it("stops at a case without a bundle, which would be refused for that alone", () => {
    mkdirSync(join(folder, "empty_fail"));
    expect(() => casesIn(folder)).toThrow("the case empty_fail has no ");
  });
});
