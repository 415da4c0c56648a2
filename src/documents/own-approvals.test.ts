import { describe, expect, it } from "vitest";

import { ownApprovals } from "./own-approvals.ts";

const BY_ANA = { id: "W-1", reason: "r", approvals: [{ by: "bob" }, { by: "Ana@acme.test" }] };

function textOf(waivers: readonly object[]): string {
  return JSON.stringify({ waivers }, undefined, 2);
}

function found(before: readonly object[] | undefined, after: readonly object[], user: string): number {
  const edit = { before: before && textOf(before), after: textOf(after), key: "waivers" };
  return ownApprovals(edit, user).length;
}

describe("approvals of one's own edit", () => {
  it.each(["ana", "oidc:ana", "Ana@acme.test", "https://login.test#ana".replace("#", "/"), "ANA"])(
    "are found for the user %s",
    (user) => {
      expect(found([], [BY_ANA], user)).toBe(1);
      expect(found(undefined, [BY_ANA], user)).toBe(1);
    },
  );

  it.each(["carl", "anastasia", "system:serviceaccount:argocd:controller", ""])(
    "are not found for the user %s",
    (user) => {
      expect(found([], [BY_ANA], user)).toBe(0);
    },
  );

  it("are found in entries that the edit changes, not in those it leaves as they are", () => {
    expect(found([BY_ANA], [BY_ANA, { id: "W-2" }], "ana")).toBe(0);
    expect(found([BY_ANA], [{ ...BY_ANA, reason: "another" }], "ana")).toBe(1);
  });

  it.each([
    ["Ana@acme.test", "carl"],
    ["oidc:ana", "carl"],
    ["ana", undefined],
  ])("are found where the requester %s approves, whoever edits: %s", (requestedBy, user) => {
    const edit = { before: undefined, after: textOf([{ ...BY_ANA, requestedBy }]), key: "waivers" };
    expect(ownApprovals(edit, user)).toMatchObject([
      { path: "waivers[0].approvals[1]", message: "Ana@acme.test requests it and cannot approve it." },
    ]);
  });

  it("are not found where somebody else asks, nor in what was there before", () => {
    const asked = { ...BY_ANA, requestedBy: "mia" };
    expect(found([], [asked], "carl")).toBe(0);
    const own = { ...BY_ANA, requestedBy: "ana" };
    expect(found([own], [own, { id: "W-2" }], "carl")).toBe(0);
    expect(ownApprovals({ before: undefined, after: textOf([BY_ANA]), key: "waivers" }, undefined)).toEqual(
      [],
    );
  });

  it("are told with their line", () => {
    const after = JSON.stringify({ waivers: [BY_ANA] }, undefined, 2);
    const [problem] = ownApprovals({ before: undefined, after, key: "waivers" }, "ana");
    expect(after.split("\n")[problem!.line - 1]).toContain("Ana@acme.test");
    expect(problem).toMatchObject({ path: "waivers[0].approvals[1]", rule: "own-approval" });
  });

  it.each(["waivers: 3", "{", "[]", "waivers: [3, {approvals: 3}, {approvals: [3]}]"])(
    "are not looked for in what is no such document: %s",
    (after) => {
      expect(ownApprovals({ before: after, after, key: "waivers" }, "ana")).toEqual([]);
    },
  );
});
