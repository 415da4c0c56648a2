import { describe, expect, it } from "vitest";

import type { AnsweredReview } from "../admission/index.ts";
import { AdmissionRequest } from "../admission/review.ts";
import type { Mode } from "../core/index.ts";
import { guardMode } from "./guard-mode.ts";
import type { GuardRecord } from "./guard-record.ts";

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
    namespace: "shop",
    operation: before === undefined ? "CREATE" : "UPDATE",
    userInfo: { username: "tenant" },
    object: labelled(label),
    ...(before !== undefined && { oldObject: labelled(before ?? undefined) }),
  });
}

interface AnsweredChange {
  readonly said: string;
  readonly records: readonly GuardRecord[];
}

async function judged(
  request: AdmissionRequest,
  {
    defaultMode = "off",
    configured,
    mayLower = false,
  }: { readonly defaultMode?: Mode; readonly configured?: Mode; readonly mayLower?: boolean } = {},
): Promise<AnsweredChange> {
  const records: GuardRecord[] = [];
  const deps = {
    caller: "unverified",
    defaultMode,
    may: () => Promise.resolve(mayLower),
    observe: (record: GuardRecord) => records.push(record),
  } as const;
  const { response }: AnsweredReview = await guardMode(request, deps, configured);
  return { said: response.allowed ? "allowed" : response.status!.message, records };
}

describe("a namespace's mode", () => {
  it.each<[string, AdmissionRequest, Mode, boolean]>([
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
    ["an empty label to none: it counted as enforce", namespace(undefined, ""), "off", true],
  ])("asks for a right where it is lowered: %s", async (_, request, defaultMode, isLowered) => {
    const { said } = await judged(request, { defaultMode });
    expect(said.includes('right to lower namespacemodes.mc-gate.dev "shop", which tenant')).toBe(isLowered);
    expect((await judged(request, { defaultMode, mayLower: true })).said).toBe("allowed");
  });

  it.each<[string, AdmissionRequest, readonly [Mode, Mode], string]>([
    ["no label to off", namespace("off", null), ["off", "enforce"], "from enforce to off"],
    ["no label to off", namespace("off", null), ["enforce", "off"], "from enforce to off"],
    ["a new one with advisory", namespace("advisory"), ["off", "enforce"], "from enforce to advisory"],
    ["advisory to no label", namespace(undefined, "advisory"), ["off", "enforce"], "from advisory to off"],
    ["advisory to no label", namespace(undefined, "advisory"), ["enforce", "off"], "from advisory to off"],
    ["a new one without a label", namespace(undefined), ["off", "enforce"], "allowed"],
    ["another label, where there is none", namespace(undefined, null), ["off", "enforce"], "allowed"],
    ["no label to enforce", namespace("enforce", null), ["off", "enforce"], "allowed"],
    ["no label to enforce", namespace("enforce", null), ["enforce", "advisory"], "allowed"],
  ])("is not lowered under the replica's default nor the configured one: %s, %o", async (_, ...row) => {
    const [request, [defaultMode, configured], expected] = row;
    expect((await judged(request, { defaultMode, configured })).said).toContain(expected);
    expect((await judged(request, { defaultMode, configured, mayLower: true })).said).toBe("allowed");
  });

  it.each([
    ["no old object", null],
    ["labels that are no labels", { metadata: { labels: ["mc-gate.dev/mode"] } }],
  ])("counts as enforced before an update with %s", async (_, oldObject) => {
    const { said } = await judged({ ...namespace("off", "off"), oldObject });
    expect(said).toContain("from enforce to off");
  });

  it.each([null, {}, { metadata: { labels: { "mc-gate.dev/mode": 1 } } }])(
    "is refused where it cannot be read: %j",
    async (object) => {
      const { said } = await judged({ ...namespace("off", "off"), object }, { mayLower: true });
      expect(said).toContain("cannot be read");
    },
  );

  it.each(["status", "finalize", "another"])(
    "is judged the same through namespaces/%s",
    async (subResource) => {
      const { said, records } = await judged({ ...namespace("off", "enforce"), subResource });
      expect(said).toContain("right to lower");
      expect(records).toMatchObject([{ subResource }]);
    },
  );

  it("must be one of the three words, whoever writes it", async () => {
    const { said } = await judged(namespace("enforced", "enforce"), { mayLower: true });
    expect(said).toContain("mc-gate.dev/mode=enforced is not a valid mode");
  });
});

describe("the record of a changed mode", () => {
  it.each<[string, AdmissionRequest, boolean, object]>([
    [
      "lowered by right",
      namespace("advisory", "enforce"),
      true,
      { from: "enforce", to: "advisory", decision: "allowed", reason: "by-right" },
    ],
    [
      "lowered without",
      namespace(undefined, "enforce"),
      false,
      { from: "enforce", to: "off", decision: "refused", reason: "right-missing" },
    ],
    [
      "raised",
      namespace("enforce", null),
      false,
      { from: "off", to: "enforce", decision: "allowed", reason: "as-strict" },
    ],
    [
      "no mode",
      namespace("Enforce", "off"),
      true,
      { from: "off", to: "Enforce", decision: "refused", reason: "unreadable" },
    ],
  ])("says who, what, from and to: %s", async (_, request, mayLower, expected) => {
    const { records } = await judged(request, { mayLower });
    const who = { user: "tenant", name: "shop", namespace: "", resource: "namespacemodes", dryRun: false };
    expect(records).toMatchObject([{ ...who, ...expected }]);
  });

  it("is not made where the mode stays what it is", async () => {
    expect((await judged(namespace("enforce", "enforce"))).records).toEqual([]);
    expect((await judged(namespace("off", null))).records).toEqual([]);
  });
});
