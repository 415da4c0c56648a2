import { describe, expect, it } from "vitest";

import { threatReport, type Tried } from "../mutation/threat-report.ts";

const TRIED: readonly Tried[] = [
  {
    number: "A1",
    test: "test/threats/a1-every-container-list.test.ts",
    mutant: { file: "src/a.ts", from: "\n  if (a || b) {\n    c();", to: "if (a) {" },
    outcome: "killed",
  },
  {
    number: "B12",
    test: "test/threats/b12-two-answers-for-one-tag.test.ts",
    mutant: { file: "src/b.ts", from: "x", to: "y" },
    outcome: "survived",
  },
];
const RUN = {
  commit: "`0123456789ab`",
  tried: TRIED,
  began: new Date("2026-11-24T12:00:00Z"),
  ended: new Date("2026-11-24T12:10:01Z"),
};

describe("the page on mutants of the threats", () => {
  const page = threatReport(RUN, "docs/mutation-threats.md");

  it("has a row for each mutant, linked to its test, with its first line in one cell", () => {
    expect(page).toContain(
      "| [A1](../test/threats/a1-every-container-list.test.ts) | `src/a.ts` | `` if (a \\|\\| b) { `` | killed |",
    );
  });

  it("marks what was not killed, and counts what was", () => {
    expect(page).toContain("| `` x `` | **survived** |");
    expect(page).toContain("| Killed | 1 of 2 |");
  });

  it("says when it was made, of which commit, and how long it took", () => {
    expect(page).toContain("| Date | 2026-11-24 |\n| Commit | `0123456789ab` |");
    expect(page).toContain("| Time | 11 minutes |");
  });
});
