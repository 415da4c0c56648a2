import { describe, expect, it } from "vitest";

import { Settings } from "./settings.ts";

function problemsOf(path: readonly string[]): string[] {
  const workloads = [{ group: "example.com", kind: "Thing", path }];
  const { error } = Settings.safeParse({ server: {}, workloads });
  return (error?.issues ?? []).filter((issue) => issue.path[0] === "workloads").map(({ message }) => message);
}

describe("the path of a configured workload", () => {
  it.each([[["metadata"]], [["metadata", "annotations"]], [["apiVersion"]], [["kind"]]])(
    "is refused where no object has a pod spec: %j",
    (path) => {
      expect(problemsOf(path)).toEqual(["No object has a pod spec in apiVersion, kind or metadata."]);
    },
  );

  it.each([[["spec"]], [["template", "metadata"]], [["spec", "kind", "spec"]]])("may be %j", (path) => {
    expect(problemsOf(path)).toEqual([]);
  });
});
