import { describe, expect, it } from "vitest";

import { Fault, parseImageRef, type PinnedImage } from "../../core/index.ts";
import { type BuildRecords, type BuildRun, linkByRecords, type Push } from "./build-records.ts";

const COMMIT = "c".repeat(40);
const PUSHED: Push = { at: new Date("2026-11-20T10:05:00Z"), repository: "Acme/App" };
const RUN: BuildRun = {
  url: "https://github.com/acme/app/actions/runs/1",
  commit: COMMIT,
  repository: "acme/app",
  event: "push",
  conclusion: "success",
  startedAt: new Date("2026-11-20T10:00:00Z"),
  updatedAt: new Date("2026-11-20T10:10:00Z"),
};
const IMAGE = imageOf(`ghcr.io/acme/app@sha256:${"a".repeat(64)}`);

function imageOf(text: string): PinnedImage {
  const parsed = parseImageRef(text);
  if (!parsed.ok) throw new Error(parsed.why);
  return parsed.ref as PinnedImage;
}

function link(change: Partial<BuildRecords>) {
  const records = { pushed: async () => PUSHED, revision: async () => COMMIT, runs: async () => [RUN] };
  return linkByRecords({ ...records, ...change })(IMAGE, new AbortController().signal);
}

describe("linking an image to the run that pushed it", () => {
  it("gives the run and the commit where push, run and commit agree", async () => {
    expect(await link({})).toEqual({ run: RUN.url, commit: COMMIT });
    const other = { ...RUN, url: "another", event: "pull_request" };
    expect(await link({ runs: async () => [other, RUN] })).toEqual({ run: RUN.url, commit: COMMIT });
  });

  it.each<[string, Partial<BuildRun>]>([
    ["of another commit", { commit: "d".repeat(40) }],
    ["of a fork", { repository: "mallory/app" }],
    ["of a fork that was deleted", { repository: undefined }],
    ["that failed", { conclusion: "failure" }],
    ["that has not ended", { conclusion: undefined }],
    ["of a pull request", { event: "pull_request" }],
    ["of a pull request's target", { event: "pull_request_target" }],
    ["of an event that is not said", { event: undefined }],
    ["that began after the push", { startedAt: new Date("2026-11-20T10:05:01Z") }],
    ["that ended before the push", { updatedAt: new Date("2026-11-20T10:04:59Z") }],
    ["whose end is not known", { updatedAt: undefined }],
  ])("gives nothing for a run %s", async (_, change) => {
    expect(await link({ runs: async () => [{ ...RUN, ...change }] })).toBeUndefined();
  });

  it.each<[string, Partial<BuildRecords>]>([
    ["an image whose push is not recorded", { pushed: async () => undefined }],
    ["an image that names no commit", { revision: async () => undefined }],
    ["an image that names no whole commit", { revision: async () => COMMIT.slice(1) }],
    ["a commit without runs", { runs: async () => [] }],
  ])("gives nothing for %s", async (_, change) => {
    expect(await link(change)).toBeUndefined();
  });

  it("fails where a record cannot be read", async () => {
    const failing = link({ runs: () => Promise.reject(new Fault("registry/unavailable", "no answer")) });
    await expect(failing).rejects.toMatchObject({ code: "registry/unavailable" });
  });
});
