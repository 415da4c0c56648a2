import { describe, expect, it } from "vitest";

import { webhooksIn } from "../support/rendered-webhooks.ts";

const WORKLOAD_WEBHOOKS = ["enforce.mc-gate.dev", "advisory.mc-gate.dev"];

describe.each(["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"])("A11: %s", (path) => {
  const webhooks = webhooksIn(path);

  it("asks for equivalent requests, whatever version of the API somebody uses", () => {
    expect(webhooks.length).toBeGreaterThan(2);
    expect(webhooks.filter(({ matchPolicy }) => matchPolicy !== "Equivalent")).toEqual([]);
  });

  it("asks for every version of the groups that carry workloads", () => {
    const rules = webhooks
      .filter(({ name }) => WORKLOAD_WEBHOOKS.includes(name))
      .flatMap(({ rules: each }) => each);
    expect(rules.length).toBeGreaterThan(0);
    expect(rules.filter(({ apiVersions }) => apiVersions.join() !== "*")).toEqual([]);
    expect(rules.filter(({ operations }) => operations.join() !== "CREATE,UPDATE")).toEqual([]);
  });

  it("stands in the way in enforcing namespaces of edits without the right, and of lowered modes when no replica answers", () => {
    const closed = webhooks.filter(({ failurePolicy }) => failurePolicy === "Fail").map(({ name }) => name);
    const documents = ["policies", "waivers", "revocations", "enforcement", "settings"];
    const guards = documents.map((resource) => `${resource}.guard.mc-gate.dev`);
    expect(closed).toEqual(["enforce.mc-gate.dev", ...guards, "mode.mc-gate.dev"]);
  });
});
