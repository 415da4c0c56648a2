import { describe, expect, it } from "vitest";

import { parsePolicy } from "./policy.ts";
import { policyWeakenings } from "./weakenings.ts";

const SAM = { authority: "sam", seats: ["devsecops"] };
const MIA = { authority: "mia", seats: ["release-manager"] };

function person(identity: string): object {
  return { keyless: { trustRoot: "main", issuer: "https://i.test", identity } };
}

function text(waivers: object): string {
  return JSON.stringify({
    trustRoots: { main: { source: "publicGood" } },
    authorities: { sam: person("sam@acme.test"), mia: person("mia@acme.test") },
    rules: [],
    waivers,
  });
}

function broken(waivers: object): string[] {
  const parsed = parsePolicy(text(waivers));
  return parsed.ok ? [] : parsed.problems.map(({ path, rule }) => `${path} ${rule}`);
}

function approversOf(waivers: object): unknown {
  const parsed = parsePolicy(text(waivers));
  return parsed.ok ? parsed.value.approvers : "broken";
}

describe("the policy's approvers", () => {
  it("are asked only where signed approvals are", () => {
    expect(approversOf({})).toBeUndefined();
    expect(approversOf({ approvers: { Sam: SAM } })).toBeUndefined();
    expect(approversOf({ requireSignedApprovals: true, approvers: { Sam: SAM, mia: MIA } })).toMatchObject(
      new Map([
        ["sam", { seats: ["devsecops"] }],
        ["mia", { seats: ["release-manager"] }],
      ]),
    );
  });

  it.each<[string, object, string]>([
    ["nobody", { requireSignedApprovals: true }, "waivers.requireSignedApprovals no-approvers"],
    [
      "an unknown authority",
      { approvers: { sam: { ...SAM, authority: "x" } } },
      "waivers.approvers.sam.authority unknown-authority",
    ],
    ["one person twice", { approvers: { sam: SAM, SAM: MIA } }, "waivers.approvers.SAM duplicate-approver"],
    [
      "one authority for two",
      { approvers: { sam: SAM, mia: SAM } },
      "waivers.approvers.mia.authority shared-authority",
    ],
    ["no seat", { approvers: { sam: { ...SAM, seats: [] } } }, "waivers.approvers.sam.seats invalid-value"],
    ["a misspelt key", { requireSignedApproval: true }, "waivers.requireSignedApproval unknown-key"],
    ["yes in words", { requireSignedApprovals: "true" }, "waivers.requireSignedApprovals wrong-type"],
  ])("are none with %s", (_, waivers, problem) => {
    expect(broken(waivers)).toEqual([problem]);
  });

  it.each<[string, object, string[]]>([
    ["signatures are no longer asked for", { approvers: { sam: SAM } }, ["weaker-approvals"]],
    ["the section goes", {}, ["weaker-approvals"]],
    [
      "a person more",
      { requireSignedApprovals: true, approvers: { sam: SAM, mia: MIA } },
      ["weaker-approvals"],
    ],
    [
      "a seat more",
      { requireSignedApprovals: true, approvers: { sam: { ...SAM, seats: ["devsecops", "x"] } } },
      ["weaker-approvals"],
    ],
    [
      "another authority",
      { requireSignedApprovals: true, approvers: { sam: { ...SAM, authority: "mia" } } },
      ["weaker-approvals"],
    ],
    ["nothing", { requireSignedApprovals: true, approvers: { sam: SAM } }, []],
  ])("are weaker where %s", (_, waivers, rules) => {
    const before = text({ requireSignedApprovals: true, approvers: { sam: SAM } });
    expect(policyWeakenings(before, text(waivers)).map(({ rule }) => rule)).toEqual(rules);
    expect(policyWeakenings(text({ approvers: { mia: MIA } }), text(waivers))).toEqual([]);
  });
});
