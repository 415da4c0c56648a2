import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const ISSUER = "https://token.actions.githubusercontent.com";

function policy(signers: string, unmatched = "deny"): string {
  return `trustRoots: { main: { source: publicGood } }
authorities:
  a: { keyless: { trustRoot: main, issuer: ${ISSUER}, identity: "https://github.com/acme/app/.github/workflows/a.yml@refs/heads/main" } }
  b: { keyless: { trustRoot: main, issuer: ${ISSUER}, identity: "https://github.com/acme/app/.github/workflows/b.yml@refs/heads/main" } }
rules:
  - { name: app, images: ["ghcr.io/acme/**"], require: { signature: { anyOf: ${signers} } } }
unmatched: ${unmatched}
`;
}

describe("mc policy diff", () => {
  let folder: McFolder;

  beforeAll(() => {
    folder = mcFolder();
    folder.write("one.yaml", policy("[a]"));
    folder.write("both.yaml", policy("[a, b]"));
    folder.write("other.yaml", policy("[b]"));
    folder.write("open.yaml", policy("[a]", "allow"));
    folder.write("spaced.yaml", `# the same\n${policy("[ a ]")}`);
    folder.write("broken.yaml", "rules: 1\n");
  });

  afterAll(() => folder.remove());

  it.each([
    ["one.yaml", "spaced.yaml", "same", 0],
    ["both.yaml", "one.yaml", "stricter", 0],
    ["one.yaml", "both.yaml", "weaker", 10],
    ["one.yaml", "other.yaml", "other", 10],
    ["one.yaml", "open.yaml", "weaker", 10],
  ])("calls the way from %s to %s %s and exits %i", async (before, after, verdict, code) => {
    const answer = await folder.mc(["policy", "diff", before, after, "-o", "json"]);
    expect([JSON.parse(answer.stdout), answer.code]).toMatchObject([{ version: 1, verdict }, code]);
  });

  it("says it in words, each with its file and line", async () => {
    const { stdout, stderr, code } = await folder.mc(["policy", "diff", "one.yaml", "both.yaml"]);
    expect(stdout)
      .toBe(`weaker    both.yaml:6:69: rules.0.require.signature: Rule "app" would require less, or something else, of signature. [weaker-requirement]
signers   rule app also accepts b for signature
`);
    expect([stderr, code]).toEqual([
      "The new policy is weaker. The guard asks for the right to weaken policies.\n",
      10,
    ]);
  });

  it("exits 12 with the problems of a policy that is none, whichever it is", async () => {
    for (const files of [
      ["broken.yaml", "one.yaml"],
      ["one.yaml", "broken.yaml"],
      ["one.yaml", "missing.yaml"],
      ["-", "-"],
    ]) {
      const { stdout, stderr, code } = await folder.mc(["policy", "diff", ...files]);
      expect([stdout, code]).toEqual(["", 12]);
      expect(stderr).not.toBe("");
    }
  });
});
