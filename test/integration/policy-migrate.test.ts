import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const OLD = `authorities:
  release:
    keyless:
      trustRoot: public-good
      issuer: https://token.actions.githubusercontent.com
      identity: https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main
      claims: { sourceOwner: https://github.com/acme } # a fork has another
trustRoots: { public-good: { source: publicGood } }
rules:
  - name: app
    images: ["ghcr.io/acme/**"]
    require:
      sbom:
        threshold: { least: 1, of: [release] }
        leastComponents: 5
`;
const NEW = OLD.replace("sourceOwner", "sourceRepositoryOwnerURI")
  .replace("least:", "count:")
  .replace("leastComponents", "minComponents");

function renamed(settings: string): string {
  return settings.replace("plainHttp", "plainHttpUnsafe").replace("allowLoopback", "allowLoopbackUnsafe");
}

describe("mc policy migrate", () => {
  let folder: McFolder;
  beforeAll(() => {
    folder = mcFolder();
  });
  afterAll(() => folder?.remove());

  it("lint refuses each old name with its line and the command to run", async () => {
    folder.write("p.yaml", OLD);
    const { code, stdout } = await folder.mc(["policy", "lint", "p.yaml"]);
    expect([code, stdout.trim().split("\n")]).toEqual([
      10,
      [
        'p.yaml:7:17: authorities.release.keyless.claims.sourceOwner: "sourceOwner" is now called "sourceRepositoryOwnerURI"; run mc policy migrate FILE. [renamed-key]',
        'p.yaml:14:22: rules[0].require.sbom.threshold.least: "least" is now called "count"; run mc policy migrate FILE. [renamed-key]',
        'p.yaml:15:9: rules[0].require.sbom.leastComponents: "leastComponents" is now called "minComponents"; run mc policy migrate FILE. [renamed-key]',
      ],
    ]);
  });

  it("--check exits 10 with a diff and writes nothing", async () => {
    folder.write("p.yaml", OLD);
    const { code, stdout } = await folder.mc(["policy", "migrate", "--check", "p.yaml"]);
    expect(code).toBe(10);
    expect(stdout).toContain(
      "-        leastComponents: 5\n+        threshold: { count: 1, of: [release] }\n+        minComponents: 5",
    );
    expect(folder.read("p.yaml")).toBe(OLD);
  });

  it("exits 0, writes the file, and lint is content; a second run and --check find nothing", async () => {
    folder.write("p.yaml", OLD);
    expect(await folder.mc(["policy", "migrate", "p.yaml"])).toMatchObject({
      code: 0,
      stderr: "p.yaml: 3 renamed.\n",
    });
    expect(folder.read("p.yaml")).toBe(NEW);
    expect(await folder.mc(["policy", "lint", "p.yaml"])).toMatchObject({ code: 0 });
    const again = { code: 0, stdout: "", stderr: "p.yaml: nothing to migrate.\n" };
    expect(await folder.mc(["policy", "migrate", "p.yaml"])).toMatchObject(again);
    expect(await folder.mc(["policy", "migrate", "--check", "p.yaml"])).toMatchObject(again);
  });

  it("writes the other files where one cannot be rewritten, and exits 10", async () => {
    folder.write("p.yaml", OLD);
    folder.write("both.yaml", "sbom:\n  minComponents: 1\n  leastComponents: 2\n");
    const { code, stdout } = await folder.mc(["policy", "migrate", "-o", "json", "both.yaml", "p.yaml"]);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      10,
      {
        version: 1,
        files: [
          { file: "both.yaml", written: false, problems: [{ line: 3, rule: "renamed-key" }] },
          { file: "p.yaml", written: true, renamed: [{ line: 7, old: "sourceOwner" }, {}, {}], problems: [] },
        ],
      },
    ]);
    expect(folder.read("p.yaml")).toBe(NEW);
  });

  it("writes standard input to standard output, and exits 12 for a file that is not there", async () => {
    expect(await folder.mc(["policy", "migrate", "-"], OLD)).toMatchObject({ code: 0, stdout: NEW });
    expect(await folder.mc(["policy", "migrate", "none.yaml"])).toMatchObject({ code: 12 });
  });

  it("mc settings migrate rewrites settings, and the settings of registries alone", async () => {
    const hosts = "hosts:\n  r.test:5000: { plainHttp: true, allowLoopback: false } # the lab\n";
    const settings = `registries:\n  ${hosts.replaceAll("\n  ", "\n    ")}`;
    folder.write("s.yaml", settings);
    folder.write("r.yaml", hosts);
    const lint = await folder.mc(["settings", "lint", "s.yaml"]);
    expect(lint).toMatchObject({
      code: 10,
      stdout: expect.stringContaining("run mc settings migrate FILE. [renamed-key]"),
    });
    expect(await folder.mc(["settings", "migrate", "s.yaml", "r.yaml"])).toMatchObject({ code: 0 });
    expect([folder.read("s.yaml"), folder.read("r.yaml")]).toEqual([renamed(settings), renamed(hosts)]);
  });
});

describe("mc policy lint", () => {
  it("exits 0 and names each dangerous setting", async () => {
    const folder = mcFolder();
    folder.write("p.yaml", `${NEW}unmatched: allow\n`);
    const danger = "p.yaml:16:12: unmatched: Danger: images that no rule covers are admitted. [danger]";
    expect(await folder.mc(["policy", "lint", "p.yaml"])).toEqual({
      code: 0,
      stdout: "",
      stderr: `${danger}\n1 dangerous setting(s).\nNo problems.\n`,
    });
    const { stdout } = await folder.mc(["policy", "lint", "-o", "json", "p.yaml"]);
    expect(JSON.parse(stdout)).toMatchObject({ problems: [], dangers: [{ line: 16, rule: "danger" }] });
    folder.remove();
  });
});
