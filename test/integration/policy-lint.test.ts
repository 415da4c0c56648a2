import { expect, it } from "vitest";

import { mcFolder } from "../support/run-mc.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const WORKFLOW = "https://github.com/acme/app/.github/workflows/release.yml";

function policyAsking(signature: string): string {
  return `trustRoots: { main: { source: publicGood } }
authorities:
  branch: { keyless: { trustRoot: main, issuer: ${ISSUER}, identity: "${WORKFLOW}@refs/heads/main" } }
  tag: { keyless: { trustRoot: main, issuer: ${ISSUER}, identity: "${WORKFLOW}@refs/tags/v1" } }
rules:
  - name: app
    images: [ghcr.io/acme/app]
    require:
      signature: { ${signature} }
`;
}

it("mc policy lint names a list that too few signers can stand for, and exits 10", async () => {
  const folder = mcFolder();
  folder.write("policy.yaml", policyAsking("allOf: [branch, tag]"));
  const { code, stdout } = await folder.mc(["policy", "lint", "policy.yaml"]);
  expect([code, stdout]).toEqual([10, expect.stringMatching(/^policy\.yaml:9:\d+: .*\[one-signer\]\n$/)]);
  folder.write("policy.yaml", policyAsking("anyOf: [branch, tag]"));
  expect(await folder.mc(["policy", "lint", "policy.yaml"])).toMatchObject({ code: 0 });
  folder.remove();
});
