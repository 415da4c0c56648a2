import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import { type FakeRepo, merge, newRepo, push } from "../support/fake-org/repo.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const WORKFLOW = "acme/mc/.github/workflows/_reusable-ci-security.yml";
const WHERE = ["--org", "acme", "--workflow", WORKFLOW];
const RELEASE = `--commit ${"a".repeat(40)} --release v1.2.3 --docs https://docs.test/mc`.split(" ");

let org: FakeOrg;
let folder: McFolder;
beforeEach(async () => {
  org = await startFakeOrg();
  folder = mcFolder();
  vi.stubEnv("GITHUB_TOKEN", ORG_TOKEN);
  vi.stubEnv("GITHUB_API_URL", org.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  folder.remove();
  await org.close();
});

function add(name: string): FakeRepo {
  const repo = newRepo(`acme/${name}`, { "README.md": "x" });
  org.repos.push(repo);
  return repo;
}

const mc = (words: string, ...more: readonly string[]) =>
  folder.mc(["fleet", ...words.split(" "), ...WHERE, ...more]);
const open = (...more: readonly string[]) => mc("open --journal j.jsonl", ...RELEASE, ...more);

describe("mc fleet", () => {
  it("discover prints what each repository is, as text and JSON", async () => {
    add("shop");
    const { code, stdout } = await mc("discover -o json");
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      version: 1,
      counts: { adopted: 0, candidate: 1, "opted-out": 0, skipped: 0, unknown: 0 },
      repositories: [{ repository: "acme/shop", state: "candidate", detail: "" }],
    });
    expect((await mc("discover")).stdout).toContain("acme/shop   candidate");
  });

  it("discover exits 11 where the token sees no repository, and where one is unknown", async () => {
    expect((await mc("discover")).code).toBe(11);
    add("shop");
    org.before = (_, path) =>
      path.includes("/git/trees") ? { status: 403, body: { message: "Forbidden" } } : undefined;
    expect(await mc("discover")).toMatchObject({ code: 11, stderr: expect.stringContaining("1 unknown") });
  });

  it.each([
    ["no token", { GITHUB_TOKEN: "" }, "GITHUB_TOKEN is not set"],
    ["a wrong token", { GITHUB_TOKEN: "wrong" }, "Bad credentials"],
    ["an address without TLS", { GITHUB_API_URL: "http://github.test" }, "is not an https address"],
  ])("exits 12 with %s", async (_, env, said) => {
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const { code, stderr } = await mc("discover");
    expect(stderr).toContain(said);
    expect(stderr).not.toContain(ORG_TOKEN);
    expect(code).toBe(12);
  });

  it("refuses an opt-out list that cannot be read, with the line", async () => {
    folder.write("out.yaml", "optOuts:\n\t- x\n");
    const { code, stderr } = await mc("discover --opt-outs out.yaml");
    expect([code, stderr]).toEqual([12, expect.stringContaining("out.yaml:2:")]);
  });

  it("plan and open write nothing without --yes; open --plan carries the plan out", async () => {
    const repo = add("shop");
    expect(await mc("plan --out plan.json", ...RELEASE)).toMatchObject({ code: 10 });
    expect(await open()).toMatchObject({
      code: 10,
      stderr: expect.stringContaining("Nothing was written; give --yes."),
    });
    expect(org.writes).toEqual([]);
    const { code, stdout } = await mc("open --journal j.jsonl --plan plan.json --yes");
    expect([code, stdout]).toEqual([0, "acme/shop  opened  https://github.test/acme/shop/pull/1\n"]);
    expect(repo.pulls).toHaveLength(1);
    const status = JSON.parse((await mc("status -o json", ...RELEASE)).stdout);
    expect(status.waves[0]).toEqual({ share: 1, repositories: 1, waiting: 0, green: 0, red: 0 });
  });

  it("open --plan writes nothing where the world moved, and refuses a file that is not a plan", async () => {
    const repo = add("shop");
    await mc("plan --out plan.json", ...RELEASE);
    push(repo, "main", { ".github/workflows/x.yml": "on: push\njobs: {}\n" });
    const moved = await mc("open --journal j.jsonl --plan plan.json --yes");
    expect([moved.code, moved.stderr]).toEqual([
      10,
      "acme/shop changed since the plan; nothing was written. Plan again.\n",
    ]);
    folder.write("plan.json", "{}");
    expect((await mc("open --journal j.jsonl --plan plan.json --yes")).code).toBe(12);
    expect(org.writes).toEqual([]);
  });

  it("open keeps a dashboard issue, and does what people ticked in it", async () => {
    const home = add("home");
    const shop = add("shop");
    home.archived = false;
    const dashboard = ["--yes", "--dashboard", "acme/home"];
    await open(...dashboard);
    const [issue] = home.tracker.issues;
    const waiting = [home, shop].find(({ pulls }) => pulls.length === 0)!;
    expect(issue!.body).toContain(`- [ ] <!-- now=${waiting.name} -->`);
    issue!.body = issue!.body.replaceAll("- [ ]", "- [x]");
    await open(...dashboard);
    expect(waiting.pulls).toHaveLength(1);
    expect(home.tracker.issues).toHaveLength(1);
    expect(issue!.body).not.toContain("- [x]");
  });

  it("close and rollback take back what is open and merged", async () => {
    const repo = add("shop");
    await open("--yes");
    expect((await mc("close")).stdout).toContain("acme/shop   close");
    merge(repo, repo.pulls[0]!);
    expect(JSON.parse((await mc("rollback --yes -o json")).stdout)).toMatchObject({
      written: true,
      outcomes: [{ name: "acme/shop", outcome: "reverting" }],
    });
    merge(repo, repo.pulls[1]!);
    expect((await mc("rollback --yes")).code).toBe(0);
    expect(JSON.parse((await mc("close -o json")).stdout)).toMatchObject({ due: [] });
  });
});
