import { describe, expect, it } from "vitest";

import type { Problem } from "../core/index.ts";
import { guardMode } from "./guard-mode.ts";
import { type EditRight, guardDocuments, type GuardedDocument } from "./guard.ts";
import type { AnsweredReview } from "./response.ts";
import { AdmissionRequest } from "./review.ts";

const PROBLEM: Problem = {
  line: 3,
  column: 5,
  path: "rules[0]",
  rule: "weaker-rule",
  message: "It is gone.",
};

function configMap(differing: object = {}): AdmissionRequest {
  return AdmissionRequest.parse({
    uid: "u",
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    namespace: "gate",
    operation: "UPDATE",
    userInfo: { username: "ana", groups: ["shop"] },
    object: { metadata: { name: "policy" }, data: { "policy.yaml": "text" } },
    ...differing,
  });
}

function document(differing: Partial<GuardedDocument> = {}): GuardedDocument {
  return {
    namespace: "gate",
    configMap: "policy",
    key: "policy.yaml",
    resource: "policies",
    lint: () => [],
    weakenings: () => [],
    ownApprovals: () => [],
    ...differing,
  };
}

function grants(answer: boolean | Error): {
  readonly asked: unknown[];
  readonly may: (who: { username: string }, right: EditRight) => Promise<boolean>;
} {
  const asked: unknown[] = [];
  return {
    asked,
    may: async ({ username }, right) => {
      asked.push([username, right]);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
}

function said({ response }: AnsweredReview): string {
  return response.allowed ? "allowed" : response.status!.message;
}

async function edited(differing: Partial<GuardedDocument>, answer: boolean | Error = false): Promise<string> {
  return said(await guardDocuments(configMap(), [document(differing)], grants(answer).may));
}

function approvedByAna(_: string, user: string): Problem[] {
  return user === "ana" ? [PROBLEM] : [];
}

describe("an edit of a guarded document", () => {
  it("passes where nothing is against it, and asks nobody", async () => {
    const { asked, may } = grants(false);
    expect(said(await guardDocuments(configMap(), [document()], may))).toBe("allowed");
    expect(asked).toEqual([]);
  });

  it("is refused with line and rule where it is broken", async () => {
    const message = await edited({ lint: () => [PROBLEM] }, true);
    expect(message).toContain("policy.yaml:3:5: rules[0]: It is gone. [weaker-rule]");
  });

  it("is refused where the key is missing", async () => {
    expect(await edited({ key: "other.yaml" }, true)).toContain("other.yaml is missing");
  });

  it("is refused where the editor approved it, whatever their rights", async () => {
    expect(await edited({ ownApprovals: approvedByAna }, true)).toContain("policy.yaml:3:5");
  });

  it.each<[string, boolean | Error, string]>([
    ["who may", true, "allowed"],
    [
      "who may not",
      false,
      'It takes the right to weaken policies.mc-gate.dev "policy", which ana does not have.',
    ],
    ["who cannot be asked about", new Error("no answer"), "could not be asked"],
  ])("that weakens is for those %s", async (_, answer, expected) => {
    expect(await edited({ weakenings: () => [PROBLEM] }, answer)).toContain(expected);
  });

  it.each([
    ["another ConfigMap", { object: { metadata: { name: "other" } } }],
    ["another namespace", { namespace: "shop" }],
  ])("leaves %s alone", async (_, differing) => {
    const { may } = grants(false);
    const broken = document({ lint: () => [PROBLEM] });
    expect(said(await guardDocuments(configMap(differing), [broken], may))).toBe("allowed");
  });
});

function labelled(mode: string | undefined): object {
  return {
    metadata: { name: "shop", labels: mode === undefined ? { team: "a" } : { "mc-gate.dev/mode": mode } },
  };
}

function namespace(label: string | undefined, before?: string | null): AdmissionRequest {
  return AdmissionRequest.parse({
    uid: "u",
    kind: { group: "", version: "v1", kind: "Namespace" },
    name: "shop",
    operation: before === undefined ? "CREATE" : "UPDATE",
    userInfo: { username: "tenant" },
    object: labelled(label),
    ...(before !== undefined && { oldObject: labelled(before ?? undefined) }),
  });
}

describe("a namespace's mode", () => {
  it.each<[string, AdmissionRequest, "off" | "advisory" | "enforce", boolean]>([
    ["enforce to advisory", namespace("advisory", "enforce"), "off", true],
    ["enforce to off", namespace("off", "enforce"), "off", true],
    ["enforce to no label", namespace(undefined, "enforce"), "off", true],
    ["advisory to no label", namespace(undefined, "advisory"), "off", true],
    ["advisory to enforce", namespace("enforce", "advisory"), "off", false],
    ["no label to enforce", namespace("enforce", null), "off", false],
    ["enforce to enforce", namespace("enforce", "enforce"), "off", false],
    ["a new one with a label", namespace("advisory"), "off", false],
    ["a new one with off, where enforce is the default", namespace("off"), "enforce", true],
    ["a new one without a label, where enforce is the default", namespace(undefined), "enforce", false],
    ["enforce to no label, where enforce is the default", namespace(undefined, "enforce"), "enforce", false],
    ["a typing error to off: it counted as enforce", namespace("off", "enforced"), "off", true],
  ])("asks for a right where it is lowered: %s", async (_, request, byDefault, lowered) => {
    const refused = said(await guardMode(request, byDefault, grants(false).may));
    expect(refused.includes('right to lower namespacemodes.mc-gate.dev "shop", which tenant')).toBe(lowered);
    expect(said(await guardMode(request, byDefault, grants(true).may))).toBe("allowed");
  });

  it.each([
    ["no old object", null],
    ["labels that are no labels", { metadata: { labels: ["mc-gate.dev/mode"] } }],
  ])("counts as enforced before an update with %s", async (_, oldObject) => {
    const request = { ...namespace("off", "off"), oldObject };
    expect(said(await guardMode(request, "off", grants(false).may))).toContain("from enforce to off");
  });

  it.each([null, {}, { metadata: { labels: { "mc-gate.dev/mode": 1 } } }])(
    "is refused where it cannot be read: %j",
    async (object) => {
      const request = { ...namespace("off", "off"), object };
      expect(said(await guardMode(request, "off", grants(true).may))).toContain("cannot be read");
    },
  );

  it.each(["status", "finalize", "another"])(
    "is judged the same through namespaces/%s",
    async (subResource) => {
      const request = { ...namespace("off", "enforce"), subResource };
      expect(said(await guardMode(request, "off", grants(false).may))).toContain("right to lower");
    },
  );

  it("must be one of the three words, whoever writes it", async () => {
    const answer = await guardMode(namespace("enforced", "enforce"), "off", grants(true).may);
    expect(said(answer)).toContain("mc-gate.dev/mode=enforced is no mode");
  });
});
