import { describe, expect, it } from "vitest";

import { commentOf, fingerprintOf, MARKER, readReports, sarifOf } from "../../src/pr-comment/index.ts";
import { PR_STATES, type PrState, scanReport } from "../support/pr-reports.ts";

const URL = "https://github.com/acme/app/actions/runs/501";

function commented({ conclusion, files }: Omit<PrState, "name">) {
  return commentOf(readReports(files), { url: URL, conclusion });
}

/** The comment without code spans and fenced blocks, in which GitHub gives nothing a meaning. */
function meaningful(body: string): string {
  return body.replaceAll(/^(`{3,})\n[\s\S]*?\n\1$/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

function many(count: number): PrState["files"] {
  const issues = Array.from({ length: count }, (_, at) => ({
    code: "vulnerability/blocked",
    message: `finding ${at} ${"x".repeat(200)}`,
  }));
  return [{ service: "api", file: "report.json", text: JSON.stringify(scanReport({ issues })) }];
}

describe("the comment on a pull request", () => {
  it("has a state for each kind, 20 at least", () => {
    expect(PR_STATES.length).toBeGreaterThanOrEqual(20);
  });

  it.for<PrState>(PR_STATES)("$name", async (state) => {
    const { verdict, body, isWorthSaying } = commented(state);
    const text = `${verdict}${isWorthSaying ? "" : ", not worth saying"}\n\n${body}\n`;
    await expect(text).toMatchFileSnapshot(`pr-comments/${state.name.replaceAll(" ", "-")}.txt`);
  });

  it.for<PrState>(PR_STATES)("gives nothing foreign a meaning: $name", (state) => {
    const { body } = commented(state);
    const left = meaningful(body.slice(body.indexOf("\n")));
    expect(left).not.toMatch(/evil|onerror|@acme|javascript/);
    expect(
      left
        .match(/\]\([^)]*\)/g)!
        .every((link) => /^\]\(https:\/\/github\.com\/(?:mc-gate|acme)\//.test(link)),
    ).toBe(true);
    expect(left.replaceAll(/<\/?(?:details|summary)>/g, "")).not.toMatch(/[<>]/);
    expect(body).not.toMatch(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/u);
    expect([body.startsWith(MARKER), left.includes(MARKER)]).toEqual([true, false]);
  });

  it("is the same for the same reports of another run, but for its address", () => {
    const [, state] = PR_STATES;
    const other = commentOf(readReports(state!.files), { url: `${URL}0`, conclusion: state!.conclusion });
    expect(fingerprintOf(other.body)).toBe(fingerprintOf(commented(state!).body));
    expect(other.body).not.toBe(commented(state!).body);
    expect(fingerprintOf(commented({ conclusion: "success", files: [] }).body)).not.toBe(
      fingerprintOf(other.body),
    );
  });

  it("stays below GitHub's limit, counts what it leaves out, and puts it into the summary", () => {
    const { body, whole } = commented({ conclusion: "failure", files: many(700) });
    expect(body.length).toBeLessThan(60_500);
    const shown = body.match(/finding \d+ /g)!.length;
    expect(shown).toBeGreaterThan(200);
    expect(body).toContain(`${700 - shown} more lines do not fit; the run's summary has them.`);
    expect(whole.match(/finding \d+ /g)!.length).toBe(700);
    expect(body).toContain(URL);
  });

  it("ends every fold that it begins, also where a text is cut", () => {
    const text = "x".repeat(100).concat("\n").repeat(2000);
    const { body } = commented({
      conclusion: "success",
      files: [{ service: "api", file: "plan.txt", text }, ...many(1)],
    });
    const fence = /^`{3,}$/gm;
    expect([
      body.split("<details>").length,
      body.split("</details>").length,
      body.match(fence)!.length,
    ]).toEqual([2, 2, 2]);
  });

  it("never says that all is well where something is unknown", () => {
    const unwell = PR_STATES.filter(
      ({ name, conclusion }) => conclusion !== "success" || /report|nested|judged/.test(name),
    );
    expect(unwell.length).toBeGreaterThan(8);
    expect(
      unwell.map(commented).filter(({ verdict }) => verdict === "passed" || verdict === "advice"),
    ).toEqual([]);
  });
});

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly Record<string, unknown>[];
    readonly invocations: readonly object[];
  }[];
}

function sarif(name: string): Sarif {
  const { files } = PR_STATES.find((each) => each.name === name)!;
  return JSON.parse(sarifOf(readReports(files))) as Sarif;
}

describe("the findings for code scanning", () => {
  it("are errors in enforce and warnings in advisory, at the service's folder", () => {
    expect(sarif("several services").runs[0]!.results.map(({ ruleId, level }) => [ruleId, level])).toEqual([
      ["vulnerability/blocked", "error"],
      ["vulnerability/blocked", "error"],
      ["vulnerability/blocked", "warning"],
    ]);
    expect(JSON.stringify(sarif("one blocks").runs[0]!.results[0]!["locations"])).toContain(
      '"uri":"services/api"',
    );
  });

  it("say what was not read", () => {
    const [invocation] = sarif("a report is cut in half").runs[0]!.invocations;
    expect(invocation).toMatchObject({
      executionSuccessful: false,
      toolExecutionNotifications: [{ level: "error" }],
    });
  });

  it("hold no link", () => {
    const [result] = sarif("markup everywhere").runs[0]!.results;
    expect(result).toMatchObject({ ruleId: "unknown" });
    expect(JSON.stringify(result!["message"])).not.toMatch(/[[\]]/);
  });
});
