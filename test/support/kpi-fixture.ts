import type { FakeOrg } from "./fake-org/fake-org.ts";
import { type FakeRepo, newRepo } from "./fake-org/repo.ts";
import { addOtherRun, addRun, DAY, HOUR, type RunSpec, VERSIONS } from "./kpi-runs.ts";

/** What a kind of repository counts as, written by hand. */
interface Kind {
  readonly name: string;
  readonly count: number;
  readonly state: string;
  readonly make?: (repo: FakeRepo, at: number) => void;
  readonly more?: Partial<FakeRepo>;
  readonly files?: Record<string, string>;
}

const optOut = (until: string): string =>
  `owner: team-x\nreason: moves to another platform\nuntil: ${until}\n`;
const pass = (more: Partial<RunSpec>) => (repo: FakeRepo, at: number) =>
  void addRun(repo, { ago: at * HOUR, sha: "1", outcome: "passed", seconds: 100 + at, ...more });
const otherRun = (path: string) => (repo: FakeRepo) => addOtherRun(repo, path);
const WAIVERS = (expires: string, digest: string): string =>
  `waivers:\n  - id: W-${digest}\n    class: vulnerability\n    digest: sha256:${digest.repeat(64)}\n    findings: [CVE-2026-0001]\n` +
  `    owner: team-x\n    requestedBy: ana\n    reason: "the fix is released next week, and no input reaches it"\n    ticket: https://tickets.test/1\n` +
  `    created: 2026-11-25T00:00:00Z\n    expires: ${expires}\n    approvals:\n      - { by: ben, seat: security, at: 2026-11-25T00:00:00Z }\n`;

/** 120 repositories. What each counts as follows from the definitions in docs/guides/kpis.md, by hand. */
export const KINDS: readonly Kind[] = [
  { name: "passing", count: 37, state: "adopted", make: pass({}) },
  {
    name: "waived",
    count: 1,
    state: "adopted",
    make: pass({}),
    files: { "policy/waivers.yaml": WAIVERS("2026-12-10T00:00:00Z", "a") },
  },
  {
    name: "ending",
    count: 1,
    state: "adopted",
    make: pass({}),
    files: { "policy/waivers.yaml": WAIVERS("2026-12-02T00:00:00Z", "b") },
  },
  {
    name: "expired",
    count: 1,
    state: "adopted",
    make: pass({}),
    files: { "policy/waivers.yaml": WAIVERS("2026-11-30T00:00:00Z", "c") },
  },
  { name: "behind", count: 7, state: "adopted", make: pass({ version: "v1.2.0" }) },
  { name: "middle", count: 2, state: "adopted", make: pass({ version: "v1.9.3" }) },
  { name: "branch-pinned", count: 1, state: "adopted", make: pass({ version: "untagged" }) },
  { name: "ruleset", count: 5, state: "adopted", make: pass({ byRuleset: true }) },
  {
    name: "fixed",
    count: 6,
    state: "adopted",
    make(repo, at) {
      addRun(repo, {
        ago: 50 * HOUR,
        sha: "1",
        outcome: "failed",
        rules: ["vulnerability/blocked"],
        seconds: 200,
      });
      addRun(repo, { ago: 50 * HOUR - at * HOUR, sha: "2", outcome: "passed", seconds: 210 });
    },
  },
  {
    name: "flaky",
    count: 4,
    state: "adopted",
    make(repo) {
      const of = addRun(repo, { ago: 30 * HOUR, sha: "1", outcome: "failed", seconds: 220 });
      addRun(repo, { ago: 29 * HOUR, sha: "1", outcome: "passed", seconds: 230, attempt: 2, of });
    },
  },
  {
    name: "red",
    count: 3,
    state: "adopted",
    make(repo) {
      addRun(repo, {
        ago: 5 * HOUR,
        sha: "1",
        outcome: "failed",
        rules: ["vulnerability/blocked", "made-up|by a repository"],
        seconds: 240,
      });
    },
  },
  {
    name: "abandoned",
    count: 2,
    state: "adopted",
    make: (repo) =>
      void addRun(repo, {
        ago: 20 * DAY,
        sha: "1",
        outcome: "failed",
        rules: ["vulnerability/blocked"],
        seconds: 250,
      }),
  },
  { name: "never", count: 12, state: "not-adopted", make: otherRun(".github/workflows/ci.yml") },
  {
    name: "copied",
    count: 3,
    state: "not-adopted",
    make: otherRun(".github/workflows/_reusable-ci-security.yml"),
  },
  {
    name: "long-ago",
    count: 4,
    state: "not-adopted",
    make: (repo) => void addRun(repo, { ago: 31 * DAY, sha: "1", outcome: "passed" }),
  },
  {
    name: "cancelled",
    count: 2,
    state: "not-adopted",
    make: (repo) => void addRun(repo, { ago: HOUR, sha: "1", outcome: "cancelled" }),
  },
  {
    name: "optout-over",
    count: 1,
    state: "not-adopted",
    files: { ".github/mc-opt-out.yaml": optOut("2026-11-30T00:00:00Z") },
  },
  { name: "forbidden", count: 3, state: "unknown" },
  { name: "broken", count: 2, state: "unknown" },
  {
    name: "optout-unreadable",
    count: 1,
    state: "unknown",
    files: { ".github/mc-opt-out.yaml": "owner: [\n" },
  },
  {
    name: "optout-file",
    count: 3,
    state: "opted-out",
    files: { ".github/mc-opt-out.yaml": optOut("2026-12-31T00:00:00Z") },
  },
  { name: "optout-list", count: 2, state: "opted-out" },
  { name: "inactive", count: 5, state: "inactive", more: { pushed_at: "2026-08-01T00:00:00Z" } },
  {
    name: "scheduled",
    count: 1,
    state: "inactive",
    more: { pushed_at: "2026-08-01T00:00:00Z" },
    make: pass({ event: "schedule" }),
  },
  { name: "archived", count: 3, state: "excluded", more: { archived: true } },
  { name: "fork", count: 2, state: "excluded", more: { fork: true } },
  { name: "template", count: 1, state: "excluded", more: { is_template: true } },
  { name: "mirror", count: 1, state: "excluded", more: { mirror_url: "https://mirror.test/x" } },
  { name: "disabled", count: 1, state: "excluded", more: { disabled: true } },
  { name: "empty", count: 2, state: "excluded" },
  { name: "mc", count: 1, state: "excluded" },
];

/** Names of a kind's repositories. */
export function namesOf({ name, count }: Kind): string[] {
  return Array.from({ length: count }, (_, at) => (name === "mc" ? "acme/mc" : `acme/${name}-${at + 1}`));
}

/** Opt-outs of the organisation's list: one in force for each of a kind, and one that has ended. */
export const OPT_OUTS = [
  ...["acme/optout-list-1", "ACME/Optout-List-2"].map((repository) => ({
    repository,
    until: new Date("2027-01-01T00:00:00Z"),
  })),
  { repository: "acme/never-1", until: new Date("2026-11-01T00:00:00Z") },
].map((each) => ({ ...each, owner: "team-y", reason: "is shut down soon" }));

/** Fills a fake GitHub with the 120 repositories. */
export function fillKpiOrg(org: FakeOrg): void {
  for (const kind of KINDS)
    for (const [index, name] of namesOf(kind).entries()) {
      const files = kind.name === "empty" ? undefined : { "README.md": "x", ...kind.files };
      const repo = newRepo(name, files, kind.more);
      kind.make?.(repo, index + 1);
      org.repos.push(repo);
    }
  for (const [name, sha] of Object.entries({
    ...VERSIONS,
    v1: VERSIONS["v1.10.0"],
    "v2.0.0-rc1": "7".repeat(40),
  }))
    org.repo("acme/mc").tags.push({ name, commit: { sha } });
  org.before = (_, path) => {
    if (/^\/repos\/acme\/forbidden-\d\/actions/.test(path))
      return { status: 403, body: { message: "Resource not accessible" } };
    if (/^\/repos\/acme\/broken-\d\/actions/.test(path))
      return { status: 502, body: { message: "bad gateway" } };
    return undefined;
  };
}
