import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Job, readWorkflow, type Step, WORKFLOWS } from "./support/workflow-steps.ts";

const FILES = readdirSync(WORKFLOWS);
const JOBS = FILES.flatMap((file) =>
  Object.entries(readWorkflow(file).jobs).map(([id, job]) => ({ where: `${file} ${id}`, file, job })),
);
const STEPS = JOBS.flatMap(({ where, job }) => (job.steps ?? []).map((step) => ({ where, step })));

function wheres(found: readonly { readonly where: string }[]): string[] {
  return found.map(({ where }) => where);
}

function isUnbounded({ uses, "timeout-minutes": minutes }: Job): boolean {
  return uses === undefined && !(minutes !== undefined && minutes <= 90);
}

/** A call of another repository's action or workflow by anything but a full commit, with its version as comment. */
function isUnpinned(line: string): boolean {
  return !/uses: (?:\.\/|[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$)/.test(line);
}

function injects({ run = "" }: Step): boolean {
  return run.includes("${{");
}

describe("the workflows", () => {
  it("are read, all of them", () => {
    expect(FILES.length).toBeGreaterThanOrEqual(7);
    expect([JOBS.length >= 15, STEPS.length >= 50]).toEqual([true, true]);
  });

  it("start without rights, and give each job its own", () => {
    expect(FILES.filter((file) => JSON.stringify(readWorkflow(file).permissions) !== "{}")).toEqual([]);
    expect(wheres(JOBS.filter(({ job }) => job.permissions === undefined))).toEqual([]);
  });

  it("bound the time of each job", () => {
    expect(wheres(JOBS.filter(({ job }) => isUnbounded(job)))).toEqual([]);
  });

  it("name each action by a full commit, and its version beside it", () => {
    const lines = FILES.flatMap((file) => readFileSync(join(WORKFLOWS, file), "utf8").split("\n"));
    const calls = lines.filter((line) => /^\s*(?:- )?uses:/.test(line));
    expect(calls.length).toBeGreaterThan(30);
    expect(calls.filter(isUnpinned)).toEqual([]);
    const versions = new Set(
      calls.flatMap((line) => /uses: ([^ ]+@\S+) # (v\S+)/.exec(line)?.slice(1, 2) ?? []),
    );
    const actions = [...versions].map((each) =>
      each.slice(0, each.indexOf("@")).replace(/^(actions\/cache)\/.*/, "$1"),
    );
    expect(actions.filter((each, at) => actions.indexOf(each) !== at && each !== "actions/cache")).toEqual(
      [],
    );
  });

  it("write no expression into a script: whoever names a branch would write code", () => {
    expect(wheres(STEPS.filter(({ step }) => injects(step)))).toEqual([]);
  });

  it("fail in the middle of a pipe", () => {
    const scripts = STEPS.filter(({ step }) => step.run !== undefined);
    expect(wheres(scripts.filter(({ step }) => step.shell !== "bash"))).toEqual([]);
  });

  it("leave no token in a checkout", () => {
    const checkouts = STEPS.filter(({ step }) => step.uses?.startsWith("actions/checkout@"));
    expect(checkouts.length).toBeGreaterThan(5);
    expect(wheres(checkouts.filter(({ step }) => step.with?.["persist-credentials"] !== false))).toEqual([]);
  });

  it("install a cosign that is named, not the installer's own, which is older than a fix", () => {
    const installers = STEPS.filter(({ step }) => step.uses?.startsWith("sigstore/cosign-installer@"));
    expect(installers.length).toBeGreaterThanOrEqual(3);
    expect(installers.map(({ step }) => step.with?.["cosign-release"])).toEqual(
      installers.map(() => "v3.1.3"),
    );
  });

  it("run in the merge queue what a pull request requires, without a filter of paths", () => {
    for (const file of ["ci.yml", "mc.yml"]) {
      const { on } = readWorkflow(file);
      expect(Object.keys(on)).toEqual(["pull_request", "merge_group", "push"]);
      expect([on["pull_request"], on["merge_group"]]).toEqual([null, null]);
    }
  });

  it("scan without secrets and with the right to read alone", () => {
    const { jobs } = readWorkflow("_reusable-ci-security.yml");
    const rights = Object.values(jobs).map(({ permissions }) => JSON.stringify(permissions));
    expect(new Set(rights)).toEqual(new Set(["{}", '{"contents":"read"}']));
    expect(readFileSync(join(WORKFLOWS, "_reusable-ci-security.yml"), "utf8")).not.toMatch(
      /secrets\.|github\.token/,
    );
  });

  it("judge every job in the one that is required", () => {
    const { jobs } = readWorkflow("_reusable-ci-security.yml");
    const { gate, ...others } = jobs;
    expect([gate!.if, gate!.needs]).toEqual(["${{ always() }}", Object.keys(others)]);
  });
});
