import { describe, expect, it } from "vitest";

import type { Mode } from "../core/index.ts";
import { faultMode, type ModeDeps } from "./fault-mode.ts";

const HERE = "https://kubernetes.default.svc";
const MODES: Record<string, Mode> = { shop: "advisory", bank: "enforce", play: "off" };
const DEPS: ModeDeps = {
  modeOf: (namespace) => MODES[namespace],
  defaultMode: "off",
  strictestMode: () => "advisory",
  otherClusters: "enforce",
  thisCluster: [HERE],
};

function to(namespace: string | undefined, more: object = {}, status: object = {}): object {
  return { spec: { destination: { server: HERE, namespace }, ...more }, status };
}

function labelled(mode: string): object {
  return { syncPolicy: { managedNamespaceMetadata: { labels: { "mc-gate.dev/mode": mode } } } };
}

function applied(...namespaces: readonly (string | undefined)[]): object {
  return { resources: namespaces.map((namespace) => ({ kind: "Deployment", namespace })) };
}

describe("the mode of a fault", () => {
  it.each<[string, unknown, Mode]>([
    ["an advisory namespace", to("shop"), "advisory"],
    ["a namespace that is off", to("play"), "off"],
    ["an enforcing namespace", to("bank"), "enforce"],
    ["a namespace without a label", to("new"), "off"],
    ["a namespace that is to be made enforcing", to("play", labelled("enforce")), "enforce"],
    ["an enforcing namespace that is to be switched off", to("bank", labelled("off")), "enforce"],
    ["several namespaces, as its status has them", to("play", {}, applied("play", "bank")), "enforce"],
    ["a cluster-wide object besides", to("play", {}, applied(undefined, "")), "off"],
    ["no namespace", to(""), "advisory"],
    ["another cluster", { spec: { destination: { name: "spoke", namespace: "play" } } }, "enforce"],
    ["no cluster", { spec: { destination: { namespace: "play" } } }, "enforce"],
    ["an Application whose operation cannot be read", { ...to("play"), operation: 1 }, "off"],
    ["a status that cannot be read", to("play", {}, { resources: 1 }), "enforce"],
    ["a destination that cannot be read", { spec: { destination: 1 } }, "enforce"],
    ["no Application", undefined, "enforce"],
  ])("of %s", (_, application, mode) => {
    expect(faultMode(application, DEPS)).toBe(mode);
  });

  it("of no Application is the strictest of this cluster where nothing deploys to others", () => {
    expect(faultMode(undefined, { ...DEPS, otherClusters: "off" })).toBe("advisory");
  });
});
