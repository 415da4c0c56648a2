import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type FakeOrg, ORG_TOKEN, startFakeOrg } from "../support/fake-org/fake-org.ts";
import type { FakeIssues } from "../support/fake-org/issue-routes.ts";
import { newRepo } from "../support/fake-org/repo.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const TICKETS = `sprint: mc-sprint-2025-10-13
labels: [mc]
columns: [Backlog, Doing, Done]
tickets:
  - id: PLAT-1
    title: Adopt the workflow
    description: In every repository.
    acceptance: [adoption is 80 %]
    assignee: owner-platform
    labels: [ci]
    points: 5
    column: Backlog
  - id: SEC-1
    title: Waivers end
    assignee: owner-security
    points: 3
`;

let org: FakeOrg;
let folder: McFolder;
let tracker: FakeIssues;
beforeEach(async () => {
  org = await startFakeOrg();
  folder = mcFolder();
  const repo = newRepo("acme/platform", { a: "x" });
  org.repos.push(repo);
  ({ tracker } = repo);
  tracker.people = ["ana", "ben"];
  folder.write("t.yaml", TICKETS);
  vi.stubEnv("GITHUB_TOKEN", ORG_TOKEN);
  vi.stubEnv("GITHUB_API_URL", org.url);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  folder.remove();
  await org.close();
});

const mc = (...more: readonly string[]) =>
  folder.mc(["tickets", "import", "t.yaml", "--repo", "acme/platform", ...more]);
const PEOPLE = ["--assignee", "owner-platform=ana", "--assignee", "owner-security=ben"];

describe("mc tickets import", () => {
  it("writes nothing without --yes, and says what it would do and what it does not carry", async () => {
    const { code, stdout, stderr } = await mc(...PEOPLE);
    expect(code).toBe(10);
    expect(stdout).toBe(
      [
        "label      create  mc",
        "label      create  ci",
        "label      create  points: 5",
        "label      create  points: 3",
        "milestone  create  mc-sprint-2025-10-13",
        "issue      create  PLAT-1",
        "issue      create  SEC-1\n",
      ].join("\n"),
    );
    expect(stderr).toBe("Not carried: column, columns.\nNothing was written; give --yes.\n");
    expect(org.writes).toEqual([]);
  });

  it("creates issues with labels, points, assignees and milestone; a second import changes nothing", async () => {
    expect((await mc(...PEOPLE, "--yes")).code).toBe(0);
    expect(tracker.issues[0]).toMatchObject({
      title: "Adopt the workflow",
      body: "In every repository.\n\n**Acceptance**\n- adoption is 80 %\n\n<!-- mc-ticket:PLAT-1 -->",
      labels: ["mc", "ci", "points: 5"],
      assignees: ["ana"],
      milestone: 1,
    });
    const written = org.writes.length;
    const again = await mc(...PEOPLE, "--yes", "-o", "json");
    expect(again.code).toBe(0);
    expect(JSON.parse(again.stdout).tickets.map(({ action }: { readonly action: string }) => action)).toEqual(
      ["none", "none"],
    );
    expect(org.writes).toHaveLength(written);
  });

  it("updates an issue by its marker, and keeps what people added", async () => {
    await mc(...PEOPLE, "--yes");
    const [issue] = tracker.issues;
    Object.assign(issue!, {
      title: "renamed",
      body: `${issue!.body}\n\nMy notes.`,
      labels: [...issue!.labels, "urgent"],
    });
    await mc(...PEOPLE, "--yes");
    expect(tracker.issues).toHaveLength(2);
    expect(issue!.title).toBe("Adopt the workflow");
    expect(issue!.body).toContain("My notes.");
    expect(issue!.labels).toContain("urgent");
  });

  it("names assignees whom GitHub does not know, creates the issue without them, and exits 10", async () => {
    const { code, stderr } = await mc("--yes");
    expect(code).toBe(10);
    expect(stderr).toContain(
      "owner-platform cannot be assigned here; give --assignee 'owner-platform=LOGIN'.",
    );
    expect(tracker.issues[0]!.assignees).toEqual([]);
  });

  it.each([
    [
      "a ticket that occurs twice",
      "tickets:\n  - {id: A, title: x}\n  - {id: A, title: y}\n",
      "duplicate-id",
    ],
    ["no list of tickets", "sprint: x\n", "no-tickets"],
    ["tabs", "tickets:\n\t- {id: A, title: x}\n", "t.yaml:2:"],
    ["a duplicate key", "tickets:\n  - {id: A, title: x, title: y}\n", "duplicate-key"],
    ["an id that closes the marker", "tickets:\n  - {id: 'a --> b', title: x}\n", "t.yaml:2:"],
  ])("refuses a file with %s", async (_, text, said) => {
    folder.write("t.yaml", text);
    expect(await mc("--yes")).toMatchObject({ code: 12, stderr: expect.stringContaining(said) });
    expect(org.writes).toEqual([]);
  });
});
