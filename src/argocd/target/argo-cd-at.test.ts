import { describe, expect, it } from "vitest";

import type { ArgoCd } from "../ports.ts";
import { argoCdAt } from "./read-target.ts";

function argoCd(namespace: string, ...served: readonly string[]): ArgoCd {
  return {
    namespace,
    ...(served.length > 0 && { isApplicationNamespace: (each: string) => served.includes(each) }),
    application: () => Promise.reject(new Error("not asked")),
    connected: () => Promise.reject(new Error("not asked")),
  };
}

const FIRST = argoCd("argocd", "team-a", "both");
const SECOND = argoCd("platform", "team-b", "both", "argocd");
const SILENT = argoCd("silent");

describe("the Argo CD of an Application", () => {
  it.each<[string, readonly ArgoCd[], string, string]>([
    ["whose control plane is in its namespace", [FIRST, SECOND], "platform", "platform"],
    ["whose control plane is there, though another lists it", [SECOND, FIRST], "argocd", "argocd"],
    ["that lists its namespace", [FIRST, SECOND], "team-b", "platform"],
    ["that lists its namespace, next to one that lists none", [SILENT, SECOND], "team-b", "platform"],
    ["that is the only one, and lists none", [SILENT], "team-a", "silent"],
  ])("is the one %s", (_, argoCds, namespace, expected) => {
    expect(argoCdAt(namespace, { argoCds }).namespace).toBe(expected);
  });

  it.each<[string, readonly ArgoCd[], string]>([
    ["none lists its namespace", [FIRST, SECOND], "none of the configured instances"],
    ["none lists any", [SILENT, argoCd("other")], "none of the configured instances"],
    ["the only one lists others", [FIRST], "none of the configured instances"],
    ["none is configured", [], "no Argo CD is configured"],
  ])("is not known where %s", (_, argoCds, message) => {
    expect(() => argoCdAt("team-c", { argoCds })).toThrow(message);
  });

  it("is not known where two list its namespace", () => {
    expect(() => argoCdAt("both", { argoCds: [FIRST, SECOND] })).toThrow("2 of the configured instances");
  });
});
