import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const BAD = "rules: 1";
const CONFIG_MAP = `apiVersion: v1
kind: Namespace
metadata: { name: mc-gate }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: mc-gate-policy }
data:
  policy.yaml: |
    # the policy
    rules: 1
`;

describe("mc policy lint", () => {
  let folder: McFolder;
  beforeAll(() => {
    folder = mcFolder();
    folder.write("bad.yaml", BAD);
    folder.write("map.yaml", CONFIG_MAP);
    folder.write("other.yaml", CONFIG_MAP.replace("policy.yaml:", "waivers.yaml:"));
    folder.write("quoted.yaml", CONFIG_MAP.replace(/policy\.yaml: [\s\S]*/, 'policy.yaml: "rules: 1"\n'));
    folder.write("empty.yaml", "# nothing yet\n\n");
  });
  afterAll(() => folder?.remove());

  it.each([
    ["map.yaml", /^map\.yaml:11:12: rules: .*\[wrong-type\]\n$/],
    ["quoted.yaml", /^quoted\.yaml:9:16: rules: .*\[wrong-type\]\n$/],
    ["other.yaml", /^other\.yaml:1:1: .* none is a ConfigMap with the key policy\.yaml\. \[no-document\]\n$/],
    ["empty.yaml", /^empty\.yaml:1:1: It is empty\. \[empty\]\n$/],
  ])("%s: exits 10 and points into the file", async (file, said) => {
    expect(await folder.mc(["policy", "lint", file])).toMatchObject({
      code: 10,
      stdout: expect.stringMatching(said),
      stderr: "1 problem(s).\n",
    });
  });

  it("a sound document in a ConfigMap exits 0", async () => {
    folder.write("sound.yaml", CONFIG_MAP.replace("rules: 1", "rules: []"));
    expect(await folder.mc(["policy", "lint", "sound.yaml"])).toMatchObject({ code: 0 });
  });

  it.each([
    ["a file that is not there", "none.yaml", "cannot read none.yaml: ENOENT"],
    ["an address", "https://example.test/p.yaml", "is an address; pipe it in"],
  ])("%s exits 12, and the problems of the others are listed", async (_, file, said) => {
    const { code, stdout } = await folder.mc(["policy", "lint", file, "bad.yaml"]);
    expect([code, stdout.split("\n")]).toEqual([
      12,
      [
        expect.stringMatching(new RegExp(`${said}.*\\[unreadable\\]`)),
        expect.stringMatching(/^bad\.yaml:1:8: rules/),
        "",
      ],
    ]);
  });
});

describe("mc waivers lint", () => {
  it("refuses a reason code as an id, which no waiver could set aside", async () => {
    const folder = mcFolder();
    folder.write(
      "w.yaml",
      `waivers: [{ id: A, class: vulnerability, digest: "sha256:${"ab".repeat(32)}", findings: [vulnerability/scan-missing],
        reason: The scanner is down until Friday., owners: [shop], created: "2026-11-24T10:00:00Z", ttl: 2d }]`,
    );
    const outcome = await folder.mc(["waivers", "lint", "w.yaml"]);
    folder.remove();
    expect(outcome).toMatchObject({
      code: 10,
      stdout: expect.stringMatching(/no waiver covers a scan that is missing.*\[bad-finding\]/),
    });
  });
});
