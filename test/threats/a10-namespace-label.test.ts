import { readFileSync } from "node:fs";

import { afterAll, describe, expect, it } from "vitest";

import { MODE_LABEL, modeOfLabel } from "../../src/core/index.ts";
import { guard, type EditOptions } from "../support/guarded.ts";
import { webhooksIn } from "../support/rendered-webhooks.ts";
import { aPod } from "../support/review.ts";
import { waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { gate, registry, unsigned, decide } = world;

afterAll(world.close);

function labelled(labels: Readonly<Record<string, string>>): object {
  return { metadata: { name: "shop", labels } };
}

type Labels = Readonly<Record<string, string>>;

/** What the guard says to a tenant who changes the labels of their namespace. */
function relabel(
  before: Labels | undefined,
  after: Labels,
  options: Partial<EditOptions> = {},
): Promise<string> {
  const request = {
    kind: { group: "", version: "v1", kind: "Namespace" },
    name: "shop",
    operation: before === undefined ? "CREATE" : "UPDATE",
    object: labelled(after),
    ...(before !== undefined && { oldObject: labelled(before) }),
  };
  return guard(gate, request, { user: "tenant", ...options });
}

const ENFORCE = { [MODE_LABEL]: "enforce", team: "shop" };

describe("A10: a tenant who labels their namespace out", () => {
  it.each(["Enforce", "OFF", "none", "", " off", "advisory "])(
    "is judged as enforce where the label spells no mode: %j",
    (label) => {
      expect(modeOfLabel(label)).toBe("enforce");
    },
  );

  it.each(["manifests/mc-gate.yaml", "manifests/mc-gate-cert-manager.yaml"])(
    "meets the guard through every subresource that writes labels: %s",
    (path) => {
      const [mode] = webhooksIn(path).filter(({ name }) => name === "mode.mc-gate.dev");
      expect(mode!.rules.flatMap(({ resources }) => resources)).toEqual(["namespaces", "namespaces/*"]);
    },
  );

  it.each<[string, Labels]>([
    ["off", { ...ENFORCE, [MODE_LABEL]: "off" }],
    ["advisory", { ...ENFORCE, [MODE_LABEL]: "advisory" }],
    ["no label", { team: "shop" }],
    ["no labels at all", {}],
  ])("is refused: enforce to %s", async (_, after) => {
    expect(await relabel(ENFORCE, after)).toContain(
      'It requires the right to lower namespacemodes.mc-gate.dev "shop", which tenant does not have',
    );
    expect(await relabel(ENFORCE, after, { rights: ["tenant may lower namespacemodes shop"] })).toBe(
      "allowed",
    );
    expect(await relabel(ENFORCE, after, { rights: ["tenant may lower namespacemodes other"] })).not.toBe(
      "allowed",
    );
    expect(await relabel(ENFORCE, after, { isDown: true })).toContain("could not be determined");
  });

  it.each(["OFF", "Off", "none", "disabled", ""])(
    "is refused where the label spells no mode: %j",
    async (mode) => {
      const rights = ["tenant may lower namespacemodes shop"] as const;
      expect(await relabel(ENFORCE, { [MODE_LABEL]: mode }, { rights })).toContain("is not a valid mode");
    },
  );

  it("may change other labels, and raise the mode", async () => {
    expect(await relabel(ENFORCE, { ...ENFORCE, team: "other", "mc-gate.dev/modes": "off" })).toBe("allowed");
    expect(await relabel({ [MODE_LABEL]: "advisory" }, ENFORCE)).toBe("allowed");
    expect(await relabel({ team: "shop" }, ENFORCE)).toBe("allowed");
  });

  it("is refused a new namespace below the default", async () => {
    expect(await relabel(undefined, { [MODE_LABEL]: "off" }, { defaultMode: "enforce" })).toContain(
      "right to lower",
    );
    expect(await relabel(undefined, {}, { defaultMode: "enforce" })).toBe("allowed");
  });

  it("is refused by a replica that has yet to learn of a stricter default", async () => {
    const rollout = { defaultMode: "off", configuredDefault: "enforce" } as const;
    expect(await relabel({ team: "shop" }, { [MODE_LABEL]: "off" }, rollout)).toContain("right to lower");
    expect(await relabel(undefined, { [MODE_LABEL]: "off" }, rollout)).toContain("right to lower");
    expect(await relabel(undefined, {}, rollout)).toBe("allowed");
  });

  it("does not exempt a pod by labels and annotations of its own", async () => {
    const marks = { [MODE_LABEL]: "off", "mc-gate.dev/exempt": "true", "control-plane": "mc-gate" };
    const pod = aPod(`${registry.host}/acme/app@${unsigned}`) as object;
    const metadata = { name: "web", namespace: "shop", labels: marks, annotations: marks };
    expect((await decide({ object: { ...pod, metadata } })).allowed).toBe(false);
    const chart = readFileSync("charts/mc-gate/templates/webhooks.yaml", "utf8");
    expect(chart).toContain("namespaceSelector");
    expect(chart).not.toContain("objectSelector");
  });
});
