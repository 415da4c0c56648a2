import { describe, expect, it } from "vitest";

import { type Connection, type NetworkPolicy, policiesAgainst } from "./network-policy.ts";

const HOOK = {
  namespace: "shop",
  namespaceLabels: { "kubernetes.io/metadata.name": "shop" },
  labels: { "app.kubernetes.io/name": "mc-presync" },
};
const GATE = {
  namespace: "mc-gate",
  namespaceLabels: { "kubernetes.io/metadata.name": "mc-gate", tier: "platform" },
  labels: { app: "gate" },
  addresses: ["10.1.2.3"],
};
const EGRESS: Connection = { direction: "Egress", subject: HOOK, peer: GATE, protocol: "TCP", port: 8443 };
const INGRESS: Connection = { ...EGRESS, direction: "Ingress", subject: GATE, peer: HOOK };

function policy(spec: Omit<NetworkPolicy, "name">, name = "p"): NetworkPolicy {
  return { name, policyTypes: ["Egress"], ...spec };
}

function egressTo(...to: NonNullable<NonNullable<NetworkPolicy["egress"]>[number]["to"]>): NetworkPolicy {
  return policy({ egress: [{ to }] });
}

const TO_GATE = { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "mc-gate" } } };

describe("policies that keep a hook from the gate", () => {
  it.each<[string, readonly NetworkPolicy[]]>([
    ["there is none", []],
    ["it is one of Ingress alone", [policy({ policyTypes: ["Ingress"] })]],
    ["it names no types and has no egress", [policy({ policyTypes: null })]],
    ["it selects other pods", [policy({ podSelector: { matchLabels: { app: "web" } } })]],
    ["a rule allows everything", [policy({ egress: [{}] })]],
    ["another policy allows it", [policy({}), egressTo(TO_GATE)]],
    ["its port is in a range", [policy({ egress: [{ ports: [{ port: 8000, endPort: 9000 }] }] })]],
    ["its port may be meant by a name", [policy({ egress: [{ ports: [{ port: "webhook" }] }] })]],
    ["the protocol's every port is allowed", [policy({ egress: [{ ports: [{ protocol: "TCP" }] }] })]],
    ["a block holds the gate", [egressTo({ ipBlock: { cidr: "10.1.0.0/16" } })]],
    ["one peer of several is the gate", [egressTo({ podSelector: {} }, TO_GATE)]],
    [
      "expressions select it",
      [
        egressTo({
          namespaceSelector: {
            matchExpressions: [
              { key: "tier", operator: "In", values: ["platform"] },
              { key: "tier", operator: "Exists" },
              { key: "tier", operator: "NotIn", values: ["team"] },
              { key: "team", operator: "DoesNotExist" },
            ],
          },
        }),
      ],
    ],
  ])("are none where %s", (_, policies) => {
    expect(policiesAgainst(policies, EGRESS)).toEqual([]);
  });

  it.each<[string, NetworkPolicy]>([
    ["it allows nothing", policy({})],
    [
      "its egress rules make it one of Egress",
      policy({ policyTypes: [], egress: [{ ports: [{ port: 53 }] }] }),
    ],
    ["it selects the hook by label", policy({ podSelector: { matchLabels: HOOK.labels } })],
    ["it allows another port", policy({ egress: [{ to: [TO_GATE], ports: [{ port: 443 }] }] })],
    ["its range ends before", policy({ egress: [{ ports: [{ port: 8000, endPort: 8442 }] }] })],
    ["it allows another protocol", policy({ egress: [{ ports: [{ protocol: "UDP", port: 8443 }] }] })],
    ["it allows pods of its own namespace", egressTo({ podSelector: {} })],
    [
      "it allows other pods of the gate's namespace",
      egressTo({ ...TO_GATE, podSelector: { matchLabels: { app: "x" } } }),
    ],
    ["a block does not hold the gate", egressTo({ ipBlock: { cidr: "10.2.0.0/16" } })],
    ["a block excepts the gate", egressTo({ ipBlock: { cidr: "10.0.0.0/8", except: ["10.1.2.0/24"] } })],
    ["a block is of the other family", egressTo({ ipBlock: { cidr: "fd00::/8" } })],
    [
      "an expression excludes it",
      egressTo({ namespaceSelector: { matchExpressions: [{ key: "tier", operator: "DoesNotExist" }] } }),
    ],
  ])("are named where %s", (_, each) => {
    expect(policiesAgainst([each], EGRESS)).toEqual(["p"]);
  });

  it("are all that select the pod, where none of them allows it", () => {
    const other = policy({ podSelector: { matchLabels: { app: "web" } } }, "other");
    const policies = [policy({}, "a"), other, egressTo({ podSelector: {} })];
    expect(policiesAgainst(policies, EGRESS)).toEqual(["a", "p"]);
  });

  it("are those of Ingress where the gate's namespace admits others alone", () => {
    const closed = {
      name: "closed",
      ingress: [{ from: [{ namespaceSelector: { matchLabels: { tier: "team" } } }] }],
    };
    expect(policiesAgainst([closed], INGRESS)).toEqual(["closed"]);
    expect(policiesAgainst([closed, { name: "open", ingress: [{}] }], INGRESS)).toEqual([]);
  });

  it("are asked about any peer where there is none", () => {
    const { peer: _, ...dns } = { ...EGRESS, protocol: "UDP" as const, port: 53 };
    expect(
      policiesAgainst(
        [policy({ egress: [{ to: [{ podSelector: {} }], ports: [{ protocol: "UDP", port: 53 }] }] })],
        dns,
      ),
    ).toEqual([]);
    expect(policiesAgainst([egressTo(TO_GATE), policy({})], { ...dns })).toEqual([]);
    expect(policiesAgainst([policy({ egress: [{ ports: [{ port: 53 }] }] })], dns)).toEqual(["p"]);
  });
});
