import { satisfies } from "semver";
import { describe, expect, it } from "vitest";

import packageFile from "../../package.json" with { type: "json" };
import { nodeProblem } from "./node-version.ts";

describe("the version of Node", () => {
  it.each([
    "18.20.8",
    "20.20.2",
    "22.30.0",
    "23.11.0",
    "24.14.9",
    "24.15.0",
    "24.21.0",
    "25.9.0",
    "26.0.0",
    "30.1.0",
  ])("%s: the program runs where package.json says so", (version) => {
    expect(nodeProblem(version) === undefined).toBe(satisfies(version, packageFile.engines.node));
  });

  it("too old: the sentence names what is needed, and what there is", () => {
    expect(nodeProblem("20.20.2")).toBe(
      "mc needs Node.js 24.15 or later in the 24 line, or 26 and later; this is 20.20.2.",
    );
  });
});
