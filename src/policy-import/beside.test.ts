import { describe, expect, it } from "vitest";

import { besideOf, isPolicy } from "./beside.ts";

describe("an object that no importer reads", () => {
  it.each([
    ["", "Pod", "none"],
    ["apps", "Deployment", "none"],
    ["policy", "PodDisruptionBudget", "none"],
    ["networking.k8s.io", "NetworkPolicy", "none"],
    ["certificates.k8s.io", "CertificateSigningRequest", "none"],
    ["admissionregistration.k8s.io", "ValidatingAdmissionPolicy", "weaker"],
    ["admissionregistration.k8s.io", "ValidatingWebhookConfiguration", "weaker"],
    ["constraints.gatekeeper.sh", "K8sAllowedRepos", "weaker"],
    ["example.com", "ImagePolicy", "weaker"],
    ["policies.example.com", "Images", "weaker"],
    ["example.com", "Thing", "differs"],
  ])("of %j %s is %s", (group, kind, effect) => {
    const foreign = { group, kind, name: "a", content: {}, placeOf: () => ({ line: 1, column: 1 }) };
    expect(besideOf(foreign).effect).toBe(effect);
    expect(isPolicy(group, kind)).toBe(effect === "weaker");
  });
});
