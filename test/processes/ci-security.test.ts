import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runStep, scriptOf, type StepOutcome } from "../support/workflow-steps.ts";

const FILE = "_reusable-ci-security.yml";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "mc-ci-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the mode of a profile", () => {
  const script = scriptOf(FILE, "mode", "Enforce or advise");
  const run = (PROFILE: string, SWITCH: string): Promise<StepOutcome> =>
    runStep(script, { cwd: folder, env: { PROFILE, SWITCH } });

  it.each([
    ["prod", "", "enforce"],
    ["prod", "true", "enforce"],
    ["prod", "false", "advisory"],
    ["stage", "", "advisory"],
    ["dev", "", "advisory"],
    ["dev", "true", "advisory"],
    ["stage", "false", "advisory"],
  ])("%s with MC_ENFORCE=%s is %s", async (profile, enforce, mode) => {
    expect(await run(profile, enforce)).toMatchObject({ code: 0, outputs: { mode } });
  });

  it.each([
    ["", ""],
    ["Prod", ""],
    ["production", ""],
    ["prod\nmode=advisory", ""],
    ["prod", "0"],
    ["prod", "False"],
    ["prod", "no"],
    ["dev", "off"],
  ])("%j with MC_ENFORCE=%j is an error", async (profile, enforce) => {
    expect(await run(profile, enforce)).toMatchObject({ code: 1, outputs: {} });
  });

  it("says that the switch is why it is lowered, once it is", async () => {
    expect((await run("prod", "false")).stdout).toContain("::warning");
    expect((await run("prod", "true")).stdout).toBe("");
  });
});

describe("the gate over every combination of results", () => {
  const DRIVER = `
    results='success failure cancelled skipped'
    for MODE in $results; do for CHANGES in $results; do for ANY in true false ''; do
      for TOOLS in $results; do for SCAN in $results; do
        export MODE CHANGES ANY TOOLS SCAN
        code=0; bash -eo pipefail -c "$SCRIPT" >/dev/null 2>&1 || code=$?
        echo "$code $MODE/$CHANGES/$ANY/$TOOLS/$SCAN"
      done; done
    done; done; done`;

  it("passes where all succeeded, and where nothing was touched, and nowhere else", async () => {
    const env = { SCRIPT: scriptOf(FILE, "gate", "Judge every result") };
    const { code, stdout } = await runStep(DRIVER, { cwd: folder, env });
    const answers = stdout.trim().split("\n");
    expect([code, new Set(answers).size]).toEqual([0, 768]);
    expect(answers.filter((each) => !each.startsWith("1 "))).toEqual([
      "0 success/success/true/success/success",
      "0 success/success/false/skipped/skipped",
    ]);
  });

  it("says what it saw", async () => {
    const env = { MODE: "success", CHANGES: "success", ANY: "true", TOOLS: "success", SCAN: "cancelled" };
    const { code, stdout } = await runStep(scriptOf(FILE, "gate", "Judge every result"), {
      cwd: folder,
      env,
    });
    expect([code, stdout]).toEqual([
      1,
      "::error title=MC::mode=success changes=success any=true tools=success scan=cancelled\n",
    ]);
  });
});

function namesIn({ outputs }: StepOutcome): string[] {
  return (JSON.parse(outputs["services"] ?? "null") as { name: string }[]).map(({ name }) => name);
}

describe("which services a change touches", () => {
  const script = scriptOf(FILE, "changes", "Which services does this change touch?");
  const SERVICES = [
    { name: "api", path: "services/api" },
    { name: "api-admin", path: "services/api-admin" },
    { name: "web", path: "web", digest: `sha256:${"a".repeat(64)}`, image: "ghcr.io/acme/web" },
  ];
  const UNRELATED = "docs\nREADME.md\n";
  let repository: string;
  let base: string;

  function git(...args: readonly string[]): string {
    const identity = ["-c", "user.name=t", "-c", "user.email=t@test", "-c", "commit.gpgsign=false"];
    return execFileSync("git", [...identity, ...args], {
      cwd: repository,
      encoding: "utf8",
      stdio: "pipe",
    }).trim();
  }

  function write(...paths: readonly string[]): void {
    for (const path of paths) {
      mkdirSync(dirname(join(repository, path)), { recursive: true });
      writeFileSync(join(repository, path), path);
    }
  }

  function commit(): string {
    git("add", "--all");
    git("commit", "--quiet", "--allow-empty", "--message", "change");
    return git("rev-parse", "HEAD");
  }

  /** Commits a change to what the base is, and asks. */
  async function touched(
    change: () => void,
    differing: Readonly<Record<string, string>> = {},
  ): Promise<StepOutcome> {
    git("checkout", "--quiet", "--force", "--detach", base);
    change();
    commit();
    const env = { SERVICES: JSON.stringify(SERVICES), UNRELATED, BASE: base, ...differing };
    return runStep(script, { cwd: repository, env });
  }

  const ALL = SERVICES.map(({ name }) => name);

  beforeAll(() => {
    repository = join(folder, "repository");
    mkdirSync(repository);
    git("init", "--quiet", "--initial-branch", "main");
    write("services/api/a.ts", "services/api-admin/b.ts", "web/c.ts", "docs/d.md", "README.md", "lock.json");
    base = commit();
  });

  it.each<[string, () => void, string[]]>([
    ["a file of one", () => write("services/api/new.ts"), ["api"]],
    ["a file whose folder begins like another", () => write("services/api-admin/new.ts"), ["api-admin"]],
    ["files of two", () => write("services/api/x", "web/y"), ["api", "web"]],
    [
      "a file with a line break, a quote and letters of another script",
      () => write('web/ü\n"x".ts'),
      ["web"],
    ],
    ["documentation", () => write("docs/new.md", "README.md"), []],
    ["nothing", () => undefined, []],
    ["a file that may be of any", () => write("lock.json.new"), ALL],
    ["the waivers", () => write("policy/waivers.yaml"), ALL],
    ["a file that only begins like documentation", () => write("docs-tool/x"), ALL],
    [
      "a file that is moved from one to another",
      () => renameSync(join(repository, "web/c.ts"), join(repository, "services/api/c.ts")),
      ["api", "web"],
    ],
    ["a file that is deleted", () => rmSync(join(repository, "web/c.ts")), ["web"]],
  ])("finds %s", async (_, change, expected) => {
    const outcome = await touched(change);
    expect(outcome).toMatchObject({ code: 0, outputs: { any: String(expected.length > 0), base } });
    expect(namesIn(outcome)).toEqual(expected);
  });

  it.each<[string, string]>([
    ["no base", ""],
    ["a new branch, whose base is all zeros", "0".repeat(40)],
    ["a base that is not there, as after a force push", "f".repeat(40)],
    ["a base that is no commit", "main"],
    ["an option for git", "--output=/tmp/x"],
  ])("scans all where it cannot tell: %s", async (_, BASE) => {
    const outcome = await touched(() => write("docs/x.md"), { BASE });
    expect(outcome).toMatchObject({ code: 0, outputs: { any: "true", base: "" } });
    expect(namesIn(outcome)).toEqual(ALL);
  });

  it("keeps what a service names beside its path", async () => {
    const { outputs } = await touched(() => write("web/y"));
    expect(JSON.parse(outputs["services"]!)).toEqual([SERVICES[2]]);
  });

  it("takes the whole repository for one service", async () => {
    const outcome = await touched(() => write("x"), { SERVICES: '[{"name": "app", "path": "."}]' });
    expect(namesIn(outcome)).toEqual(["app"]);
  });

  it.each<[string, unknown]>([
    ["text", "api"],
    ["nothing", []],
    ["too many", Array.from({ length: 201 }, (_, at) => ({ name: `s${at}`, path: `s${at}` }))],
    ["a name twice", [SERVICES[0], { ...SERVICES[1], name: "api" }]],
    ["an unknown key", [{ ...SERVICES[0], profile: "dev" }]],
    ["no path", [{ name: "api" }]],
    ["an absolute path", [{ name: "api", path: "/etc" }]],
    ["a path that leads out", [{ name: "api", path: "services/../../.." }]],
    ["a path with a blank", [{ name: "api", path: "a b" }]],
    ["a name that is an option", [{ name: "-x", path: "a" }]],
    ["a name that leads out", [{ name: "../x", path: "a" }]],
    ["a digest that is none", [{ ...SERVICES[0], digest: "latest" }]],
  ])("refuses services that are wrong: %s", async (_, services) => {
    const outcome = await touched(() => undefined, { SERVICES: JSON.stringify(services) });
    expect(outcome).toMatchObject({ code: 1, outputs: {} });
    expect(outcome.stdout).toContain("::error::services must be JSON");
  });

  it("refuses services that are no JSON", async () => {
    expect(await touched(() => undefined, { SERVICES: "[{" })).toMatchObject({ code: 1, outputs: {} });
    expect(await touched(() => undefined, { SERVICES: "" })).toMatchObject({ code: 1, outputs: {} });
  });
});
