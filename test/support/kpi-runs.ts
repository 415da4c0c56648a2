import type { FakeRepo } from "./fake-org/repo.ts";

export const REUSABLE = "acme/mc/.github/workflows/_reusable-ci-security.yml";
/** The fixture's clock. */
export const NOW = Date.parse("2026-12-01T08:00:00Z");
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

/** Commits of releases of the workflow. */
export const VERSIONS = { "v1.2.0": "c".repeat(40), "v1.10.0": "d".repeat(40), "v1.9.3": "e".repeat(40) };
type Version = keyof typeof VERSIONS;

/** A run of the workflow, as a test writes it. */
export interface RunSpec {
  /** How long before the clock the gate answered, in ms. */
  readonly ago: number;
  readonly sha: string;
  readonly outcome: "passed" | "failed" | "cancelled";
  readonly branch?: string;
  readonly event?: string;
  readonly seconds?: number;
  readonly version?: Version | "untagged";
  readonly profile?: "dev" | "stage" | "prod";
  /** Codes of the scan; none where the scan failed by itself. */
  readonly rules?: readonly string[];
  readonly byRuleset?: boolean;
  /** Attempt; an earlier one must be there. */
  readonly attempt?: number;
  /** The run of which it is another attempt. */
  readonly of?: number;
  /** The clock; the fixture's where absent. */
  readonly now?: number;
}

let serial = 0;

const DEFAULTS = {
  seconds: 60,
  version: "v1.10.0",
  profile: "prod",
  attempt: 1,
  event: "pull_request",
  branch: "feature",
  now: NOW,
  byRuleset: false,
} as const;
type FullSpec = RunSpec & Required<Pick<RunSpec, keyof typeof DEFAULTS>>;

const iso = (ms: number): string => new Date(ms).toISOString();

/** Adds a run with its jobs to a repository; gives its id. */
export function addRun(repo: FakeRepo, given: RunSpec): number {
  const spec: FullSpec = { ...DEFAULTS, ...given };
  const id = spec.of ?? (serial += 1000);
  repo.runs = [...repo.runs.filter((each) => (each as { id: number }).id !== id), runJson(repo, spec, id)];
  const scan = id + spec.attempt * 10;
  repo.jobs.set(`${id}.${spec.attempt}`, jobsJson(spec, scan));
  if (spec.outcome === "failed" && spec.rules !== undefined)
    repo.notes.set(scan, [
      { title: "MC rules", message: spec.rules.join(",") },
      { title: "other", message: "vulnerability/scan-missing" },
    ]);
  return id;
}

function runJson(repo: FakeRepo, spec: FullSpec, id: number): object {
  const end = spec.now - spec.ago;
  const commit = spec.version === "untagged" ? "f".repeat(40) : VERSIONS[spec.version];
  return {
    id,
    run_attempt: spec.attempt,
    path: spec.byRuleset ? `${REUSABLE}@refs/heads/main` : ".github/workflows/mc.yml",
    event: spec.event,
    head_branch: spec.branch,
    head_sha: spec.sha.repeat(40),
    head_repository: { id: repo.id },
    repository: { id: repo.id },
    status: "completed",
    created_at: iso(end - spec.seconds * 1000),
    updated_at: iso(end),
    referenced_workflows: spec.byRuleset ? [] : [{ path: `${REUSABLE}@${commit}`, sha: commit }],
  };
}

const CONCLUSIONS = {
  passed: ["success", "success"],
  failed: ["failure", "failure"],
  cancelled: ["cancelled", "failure"],
} as const;

function jobsJson({ byRuleset, profile, outcome, now, ago, seconds }: FullSpec, scanId: number): object[] {
  const [scan, gate] = CONCLUSIONS[outcome];
  const end = now - ago;
  const start = end - seconds * 1000;
  const jobs = [
    [`mode (${profile})`, "success", start, start + 2000],
    ["changes", "success", start + 1000, start + 5000],
    ["tools", "success", start + 5000, start + 9000],
    ["scan app", scan, start + 9000, end - 2000],
    ["gate", gate, end - 1000, end],
  ] as const;
  return jobs.map(([name, conclusion, from, to], at) => ({
    id: name === "scan app" ? scanId : scanId + 1 + at,
    name: `${byRuleset ? "" : "mc / "}${name}`,
    status: "completed",
    conclusion,
    started_at: iso(from),
    completed_at: iso(to),
  }));
}

/** Adds a run of another workflow. */
export function addOtherRun(repo: FakeRepo, path: string): void {
  repo.runs.push({
    id: (serial += 1000),
    run_attempt: 1,
    path,
    event: "push",
    head_branch: "main",
    head_sha: "1".repeat(40),
    repository: { id: repo.id },
    status: "completed",
    created_at: iso(NOW - HOUR),
    updated_at: iso(NOW - HOUR),
    referenced_workflows: [
      { path: "acme/other/.github/workflows/_reusable-ci-security.yml@v1", sha: "9".repeat(40) },
    ],
  });
}
