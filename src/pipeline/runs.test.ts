import { describe, expect, it } from "vitest";

import { firstFailure, outcomeOf, runAddress, type RunJob, runToShow, type WorkflowRun } from "./runs.ts";

const SERVER = "https://github.com";

function aRun(given: Partial<WorkflowRun>): WorkflowRun {
  return {
    id: 1,
    name: "ci",
    url: `${SERVER}/acme/app/actions/runs/1`,
    status: "completed",
    conclusion: "success",
    commit: "c1",
    createdAt: new Date("2026-12-01T09:00:00Z"),
    ...given,
  };
}

function aJob(given: Partial<RunJob>): RunJob {
  return {
    name: "build",
    url: "https://github.com/acme/app/actions/runs/1/job/2",
    status: "completed",
    conclusion: "success",
    startedAt: new Date("2026-12-01T09:00:00Z"),
    steps: [],
    ...given,
  };
}

const later = (minutes: number) => new Date(Date.UTC(2026, 11, 1, 9, minutes));

describe("the run to show", () => {
  it.each<[string, Partial<WorkflowRun>[], number | undefined]>([
    ["none of none", [], undefined],
    ["the newest of several that succeeded", [{ id: 1 }, { id: 2, createdAt: later(5) }], 2],
    [
      "one that failed rather than a newer one",
      [
        { id: 1, conclusion: "failure" },
        { id: 2, createdAt: later(5) },
      ],
      1,
    ],
    [
      "one that failed rather than one that runs",
      [
        { id: 1, conclusion: "timed_out" },
        { id: 2, status: "in_progress", conclusion: undefined },
      ],
      1,
    ],
    [
      "one that runs rather than one that succeeded",
      [{ id: 1 }, { id: 2, status: "queued", conclusion: undefined }],
      2,
    ],
    [
      "none of an older commit, though it failed",
      [
        { id: 1, conclusion: "failure" },
        { id: 2, commit: "c2", createdAt: later(5) },
      ],
      2,
    ],
  ])("is %s", (_, runs, id) => {
    expect(runToShow(runs.map(aRun))?.id).toBe(id);
    expect(runToShow(runs.map(aRun).toReversed())?.id).toBe(id);
  });

  it("has failed where its conclusion is not known", () => {
    expect(outcomeOf({ status: "completed", conclusion: "exploded" })).toBe("failed");
    expect(outcomeOf({ status: "completed", conclusion: undefined })).toBe("failed");
  });
});

describe("the first failure", () => {
  it("is the step that failed in the job that failed first, not the jobs that were cancelled for it", () => {
    const steps = [
      { name: "test", number: 3, conclusion: "failure" },
      { name: "check out", number: 1, conclusion: "success" },
      { name: "upload", number: 4, conclusion: "skipped" },
    ];
    const jobs = [
      aJob({ name: "late", conclusion: "failure", startedAt: later(9) }),
      aJob({ name: "cancelled", conclusion: "cancelled", startedAt: later(1) }),
      aJob({ name: "first", conclusion: "failure", startedAt: later(2), steps }),
      aJob({}),
    ];
    expect(firstFailure(jobs)).toEqual({
      job: "first",
      conclusion: "failure",
      step: { name: "test", number: 3 },
      url: "https://github.com/acme/app/actions/runs/1/job/2#step:3:1",
    });
  });

  it.each<[string, Partial<RunJob>, string | undefined]>([
    [
      "a job without steps",
      { conclusion: "startup_failure" },
      "https://github.com/acme/app/actions/runs/1/job/2",
    ],
    ["a job without a page", { conclusion: "cancelled", url: undefined }, undefined],
  ])("is %s", (_, job, url) => {
    expect(firstFailure([aJob(job)])).toMatchObject({ job: "build", ...(url !== undefined && { url }) });
    expect(firstFailure([aJob(job)])?.url).toBe(url);
  });

  it("is absent where no job has failed", () => {
    expect(firstFailure([aJob({}), aJob({ status: "in_progress", conclusion: undefined })])).toBeUndefined();
  });
});

describe("a run's address", () => {
  it.each<[string, ReturnType<typeof runAddress>]>([
    ["https://github.com/acme/app/actions/runs/17", { repository: "acme/app", id: 17 }],
    [
      "https://github.com/acme/app/actions/runs/17/attempts/2",
      { repository: "acme/app", id: 17, attempt: 2 },
    ],
    ["https://github.com/acme/app/actions/runs/17/job/3", { repository: "acme/app", id: 17 }],
    ["https://evil.test/acme/app/actions/runs/17", undefined],
    ["https://github.com.evil.test/acme/app/actions/runs/17", undefined],
    ["https://github.com/acme/app/actions/runs/0", undefined],
    ["https://github.com/acme/app/actions/runs/1e3", undefined],
    ["https://github.com/acme/app/pull/17", undefined],
    ["runs/17", undefined],
  ])("%s", (text, address) => {
    expect(runAddress(text, SERVER)).toEqual(address);
  });
});
