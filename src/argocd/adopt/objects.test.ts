import { describe, expect, it } from "vitest";

import { readArgoObject } from "./objects.ts";

const SOURCE = { repoURL: "https://git.example/a", path: "." };

function application(parts: object): unknown {
  const metadata = { name: "shop" };
  return {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Application",
    metadata,
    spec: { source: SOURCE },
    ...parts,
  };
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let at = 0; at < depth; at += 1) value = [value];
  return value;
}

describe("readArgoObject", () => {
  it.each([
    ["another group", { apiVersion: "apps/v1" }],
    ["another kind", { kind: "Rollout" }],
    ["a kind that every object has", { kind: "constructor" }],
    ["a kind that is no text", { kind: {} }],
  ])("has nothing to say of %s", (_, parts) => {
    expect(readArgoObject(application(parts))).toBeUndefined();
  });

  it.each([undefined, null, 1, "x", [], [[]]])("has nothing to say of %j", (value) => {
    expect(readArgoObject(value)).toBeUndefined();
  });

  it("keeps sources as they are written", () => {
    const source = JSON.parse(
      '{"repoURL": "x", "__proto__": {"path": "y"}, "helm": {"values": "a: 1"}}',
    ) as object;
    const read = readArgoObject(application({ spec: { source } }));
    expect(read?.ok && read.object.kind === "Application" && read.object.spec.source).toBe(source);
  });

  it.each([
    ["a name that is a path", { metadata: { name: "../../etc/passwd" } }, "metadata.name"],
    ["a name with a line end", { metadata: { name: "a\nb" } }, "metadata.name"],
    ["no name", { metadata: {} }, "metadata.name"],
    ["a namespace for a shell", { metadata: { name: "a", namespace: "$(id)" } }, "metadata.namespace"],
    ["a spec that is a text", { spec: "x" }, "spec"],
    ["sources that are texts", { spec: { sources: ["x"] } }, "spec.sources.0"],
    ["a source that is a list", { spec: { source: [] } }, "spec.source"],
    [
      "more sources than anybody has",
      { spec: { sources: Array.from({ length: 101 }, () => SOURCE) } },
      "spec.sources",
    ],
    ["a status of another form", { status: { operationState: { phase: 1 } } }, "status.operationState.phase"],
    ["values nested deep", { spec: { source: { helm: nested(100_000) } } }, ""],
  ])("does not read %s", (_, parts, path) => {
    expect(readArgoObject(application(parts))).toMatchObject({ ok: false, path });
  });
});
