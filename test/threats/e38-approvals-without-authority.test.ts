import { afterAll, beforeEach, describe, expect, it } from "vitest";

import { approvalPayload, type WaiverEntry } from "../../src/waivers/index.ts";
import { editOf, guard, type Right } from "../support/guarded.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, gate, waive } = world;
const MAY: Right = "ana may weaken waivers mc-gate-waivers";
const AT = "2026-11-24T08:00:00Z";

beforeEach(() => {
  waive();
  gate.revocations.offer(JSON.stringify({ revocations: [] }));
});

afterAll(world.close);

function approved(...people: readonly string[]): object {
  return aWaiver(unsigned, { approvals: people.map((by) => ({ by, seat: "devsecops", at: AT })) });
}

function textOf(...waivers: readonly object[]): string {
  return JSON.stringify({ waivers }, undefined, 2);
}

function edit(user: string, rights: readonly Right[], ...waivers: readonly object[]): Promise<string> {
  return guard(gate, editOf("waivers", textOf(...waivers)), { user, rights });
}

describe("E38: an approval by somebody who may not give it", () => {
  it("takes a right to put a waiver in force, however many approvals it carries", async () => {
    expect(await edit("ana", [MAY], approved("bob", "cleo"))).toBe("allowed");
    const message = await edit("ana", [], approved("bob", "cleo"));
    expect(message).toContain("waivers.yaml:3:5: W-1: A new waiver admits an image. [weaker-waiver]");
    expect(message).toContain(
      'the right to weaken waivers.mc-gate.dev "mc-gate-waivers", which ana does not have',
    );
  });

  it.each<[string, Right]>([
    ["another person", "bob may weaken waivers mc-gate-waivers"],
    ["another verb", "ana may update waivers mc-gate-waivers"],
    ["another kind of document", "ana may weaken policies mc-gate-waivers"],
    ["another ConfigMap", "ana may weaken waivers mc-gate-policy"],
  ])("is not given by the right of %s", async (_, right) => {
    expect(await edit("ana", [right], approved("bob"))).toContain("ana does not have");
  });

  it("is not given while the authorizer cannot be asked", async () => {
    const asked = guard(gate, editOf("waivers", textOf(approved("bob"))), {
      user: "ana",
      rights: [MAY],
      isDown: true,
    });
    expect(await asked).toContain("could not be determined");
  });

  it.each(["ana", "Ana", "ana@acme.test", "@ana", "oidc:ana", "https://login.test/ana"])(
    "is none by the editor, whatever their rights: %s",
    async (by) => {
      expect(await edit("ana", [MAY], approved("bob", by))).toContain("cannot approve their own edit");
    },
  );

  it("asks the API server who edits, and not the text", async () => {
    const claims = { requestedBy: "bob", ...approved("ana") };
    expect(await edit("ana", [MAY], claims)).toContain("cannot approve their own edit");
    expect(await edit("ana", [MAY], { ...approved("cleo"), requestedBy: "cleo" })).toContain(
      "[self-approved]",
    );
  });

  it("is void for what was approved before, where the entry changes", async () => {
    const before = approved("ana");
    waive(before);
    expect(await edit("ana", [MAY], before, aWaiver(unsigned, { id: "W-2" }))).toBe("allowed");
    const longer = { ...before, expires: "2026-11-24T12:00:00Z" };
    expect(await edit("ana", [MAY], longer)).toContain("cannot approve their own edit");
    expect(await edit("bob", [], longer)).toContain("[weaker-waiver]");
  });

  it.each<[string, object]>([
    ["longer", { expires: "2026-11-24T10:00:01Z" }],
    ["earlier", { created: "2026-11-24T07:59:59Z" }],
    ["for another digest", { digest: `sha256:${"0".repeat(64)}` }],
    ["of another class", { class: "sbom" }],
    ["everywhere", { namespaces: undefined }],
    ["under another name", { id: "W-9" }],
  ])("does not make a waiver count %s without the right", async (_, differing) => {
    const before = aWaiver(unsigned, { namespaces: ["shop"] });
    waive(before);
    expect(await edit("bob", [], before)).toBe("allowed");
    expect(await edit("bob", [], { ...before, ...differing })).toContain("[weaker-waiver]");
    expect(await edit("bob", [], { ...before, expires: "2026-11-24T09:30:00Z" })).toBe("allowed");
    expect(await edit("bob", [])).toBe("allowed");
  });

  it.each<[string, readonly object[]]>([
    ["nobody", []],
    ["one seat", [{ by: "mia", seat: "release-manager", at: AT }]],
    [
      "one person in both",
      [
        { by: "mia", seat: "release-manager", at: AT },
        { by: "Mia", seat: "devsecops", at: AT },
      ],
    ],
    [
      "its owner",
      [
        { by: "team-shop", seat: "release-manager", at: AT },
        { by: "sam", seat: "devsecops", at: AT },
      ],
    ],
    [
      "who asked for it",
      [
        { by: "mia", seat: "release-manager", at: AT },
        { by: "sam", seat: "devsecops", at: AT },
      ],
    ],
    [
      "seats that nobody knows",
      [
        { by: "mia", seat: "release-manager ", at: AT },
        { by: "sam", seat: "DevSecOps", at: AT },
      ],
    ],
  ])("leaves an emergency waiver void: approved by %s", async (who, approvals) => {
    const asked = who === "who asked for it" ? { requestedBy: "sam" } : {};
    const emergency = aWaiver(unsigned, { class: "provenance", approvals, ...asked });
    expect(waive(emergency)).toEqual([]);
    expect(await edit("ana", [MAY], emergency)).toContain("the gate cannot use this edit");
  });

  it.each<[string, "key" | "release" | "nobody", boolean]>([
    ["whose key the policy gives to sam", "key", true],
    ["whom the policy trusts with images only", "release", false],
    ["who does not sign at all", "nobody", false],
  ])(
    "in the name of sam counts, where approvals must be signed, by somebody %s: %s, %s",
    async (_, who, counts) => {
      const approvers = { sam: { authority: "operations", seats: ["devsecops"] } };
      const waivers = { requireSignedApprovals: true, approvers };
      expect(gate.policy.offer(JSON.stringify({ ...JSON.parse(world.policy), waivers }))).toEqual([]);
      const entry = aWaiver(unsigned) as WaiverEntry;
      const seat = { by: "sam", seat: "devsecops" };
      const text = Buffer.from(approvalPayload(entry, seat)!);
      const bundle =
        who === "nobody" ? undefined : JSON.stringify(await world.sigstore.messageBundle(world[who], text));
      waive({ ...entry, approvals: [{ ...seat, at: AT, ...(bundle && { bundle }) }] });
      expect((await world.decide()).allowed).toBe(counts);
      expect(gate.policy.offer(world.policy)).toEqual([]);
    },
  );

  it("is not needed to revoke, and is for taking back", async () => {
    const entry = {
      id: "R-1",
      digest: unsigned,
      reason: "The image was built by a stolen runner.",
      created: AT,
    };
    const revoke = (entries: readonly object[], rights: readonly Right[] = []) =>
      guard(gate, editOf("revocations", JSON.stringify({ revocations: entries })), { user: "ana", rights });
    expect(await revoke([entry])).toBe("allowed");
    gate.revocations.offer(JSON.stringify({ revocations: [entry] }));
    expect(await revoke([])).toContain("[weaker-revocation]");
    expect(await revoke([], ["ana may weaken revocations mc-gate-revocations"])).toBe("allowed");
  });
});
