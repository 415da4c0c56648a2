import { describe, expect, it } from "vitest";

import type { GuardRecord } from "../../guard/index.ts";
import { createGuardTeller, guardEvent, guardLine } from "./guard-log.ts";

const LOWERED: GuardRecord = {
  decision: "allowed",
  reason: "by-right",
  uid: "u-1",
  user: "sam",
  operation: "UPDATE",
  subResource: "status",
  namespace: "",
  name: "shop",
  resource: "namespacemodes",
  from: "enforce",
  to: "advisory",
  rules: [],
  dryRun: false,
  caller: "verified",
};
const DELETED: GuardRecord = {
  ...LOWERED,
  decision: "refused",
  reason: "right-missing",
  operation: "DELETE",
  subResource: "",
  namespace: "mc-gate",
  name: "mc-gate-policy",
  resource: "policies",
  from: "sha256:0123456789ab",
  to: "none",
};

describe("the line of a guard decision", () => {
  it("says what, from and to, without empty fields", () => {
    expect(guardLine(LOWERED)).toEqual({
      uid: "u-1",
      decision: "allowed",
      reason: "by-right",
      operation: "UPDATE",
      subResource: "status",
      name: "shop",
      resource: "namespacemodes",
      from: "enforce",
      to: "advisory",
      dryRun: false,
      caller: "verified",
    });
    expect(guardLine({ ...DELETED, rules: ["weaker-rule"] })).toMatchObject({
      namespace: "mc-gate",
      rules: ["weaker-rule"],
    });
  });
});

describe("the Event of a guard decision", () => {
  it("of a mode lies in the gate's own namespace, where no tenant can delete it", () => {
    expect(guardEvent(LOWERED, "mc-gate")).toEqual({
      regarding: { apiVersion: "v1", kind: "Namespace", namespace: "mc-gate", name: "shop" },
      reason: "GuardAllowed",
      action: "ChangeMode",
      type: "Warning",
      note: "sam changes the mode of namespace shop through status from enforce to advisory: allowed, by-right",
    });
  });

  it("is not told of a change that could not be read, which names nothing", () => {
    const told: unknown[] = [];
    const tell = createGuardTeller("mc-gate", () => (event) => told.push(event));
    tell({ ...DELETED, name: "", resource: "unread" });
    expect(told).toEqual([]);
  });

  it("is not kept back because refusals have used up theirs", () => {
    const told: string[][] = [];
    const tell = createGuardTeller("mc-gate", () => {
      const mine: string[] = [];
      told.push(mine);
      return ({ reason }) => mine.push(reason);
    });
    for (const record of [DELETED, LOWERED, DELETED]) tell(record);
    expect(told).toEqual([["GuardAllowed"], ["GuardRefused", "GuardRefused"]]);
  });

  it.each<[string, GuardRecord, object]>([
    [
      "a refused deletion",
      DELETED,
      {
        regarding: { kind: "ConfigMap", name: "mc-gate-policy" },
        reason: "GuardRefused",
        action: "DeleteDocument",
        type: "Warning",
        note: "sam changes policies (ConfigMap mc-gate-policy) from sha256:0123456789ab to none: refused, right-missing",
      },
    ],
    [
      "an edit that takes nothing away",
      {
        ...DELETED,
        operation: "UPDATE",
        decision: "allowed",
        reason: "as-strict",
        to: "sha256:ba9876543210",
      },
      { action: "EditDocument", type: "Normal" },
    ],
    [
      "a caller that was not verified",
      { ...DELETED, caller: "unverified" },
      { note: expect.stringMatching(/right-missing \(by a caller that was not verified\)$/) },
    ],
    [
      "a weakening, with its rules",
      { ...DELETED, operation: "UPDATE", rules: ["weaker-rule", "weaker-trust"] },
      { note: expect.stringContaining("right-missing: weaker-rule, weaker-trust") },
    ],
  ])("of %s", (_, record, expected) => {
    expect(guardEvent(record, "mc-gate")).toMatchObject(expected);
  });
});
