import { describe, expect, it } from "vitest";

import type { AnsweredReview } from "../admission/index.ts";
import { AdmissionRequest } from "../admission/review.ts";
import { digestOf, type Problem } from "../core/index.ts";
import type { EditRight } from "./edit-rights.ts";
import { type DocumentGuardDeps, guardDocuments, type GuardedDocument } from "./guard-documents.ts";
import type { GuardRecord } from "./guard-record.ts";

const PROBLEM: Problem = {
  line: 3,
  column: 5,
  path: "rules[0]",
  rule: "weaker-rule",
  message: "It is gone.",
};
const LACKING = 'It requires the right to weaken policies.mc-gate.dev "policy", which ana does not have.';

function mapOf(text: string | undefined, differing: object = {}): object {
  return {
    metadata: { name: "policy" },
    data: text === undefined ? {} : { "policy.yaml": text },
    ...differing,
  };
}

function update(differing: object = {}): AdmissionRequest {
  return AdmissionRequest.parse({
    uid: "u",
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    namespace: "gate",
    name: "policy",
    operation: "UPDATE",
    userInfo: { username: "ana", groups: ["shop"] },
    object: mapOf("new"),
    oldObject: mapOf("old"),
    ...differing,
  });
}

/** A ConfigMap without documents. */
const OTHER = { metadata: { name: "other" }, data: { unrelated: "text" } };

const deletion = (differing: object = {}): AdmissionRequest =>
  update({ operation: "DELETE", object: null, ...differing });

function document(differing: Partial<GuardedDocument> = {}): GuardedDocument {
  return {
    namespace: "gate",
    configMap: "policy",
    key: "policy.yaml",
    isMovable: true,
    resource: "policies",
    inForce: () => "old",
    lint: () => [],
    unreadable: "refused",
    weakenings: () => [],
    ownApprovals: () => [],
    ...differing,
  };
}

interface World {
  readonly deps: DocumentGuardDeps;
  readonly asked: unknown[];
  readonly records: GuardRecord[];
}

/** A guard of these documents, where the authorizer answers so. */
function world(guarded: readonly GuardedDocument[], answer: boolean | Error, isEnding = false): World {
  const asked: unknown[] = [];
  const records: GuardRecord[] = [];
  const may = async ({ username }: { username: string }, right: EditRight): Promise<boolean> => {
    asked.push([username, right]);
    if (answer instanceof Error) throw answer;
    return answer;
  };
  const observe = (record: GuardRecord): number => records.push(record);
  return {
    deps: { caller: "unverified", guarded, may, isTerminating: () => isEnding, observe },
    asked,
    records,
  };
}

function said({ response }: AnsweredReview): string {
  return response.allowed ? "allowed" : response.status!.message;
}

async function edited(
  differing: Partial<GuardedDocument>,
  answer: boolean | Error = false,
  request = update(),
): Promise<string> {
  return said(await guardDocuments(request, world([document(differing)], answer).deps));
}

function approvedByAna(_: string, user: string): Problem[] {
  return user === "ana" ? [PROBLEM] : [];
}

const always = (): Problem[] => [PROBLEM];

/** Any text but the empty one is weaker than an unknown one; a shorter text is weaker than a longer one. */
function shorter(before: string | undefined, after: string): Problem[] {
  const isWeaker = before === undefined ? after !== "" : after.length < before.length;
  return isWeaker ? [PROBLEM] : [];
}

function brokenFromB(text: string): Problem[] {
  return text.startsWith("b") ? [PROBLEM] : [];
}

describe("an edit of a guarded document", () => {
  it("passes where nothing is against it, asks nobody, and leaves a record", async () => {
    const { deps, asked, records } = world([document()], false);
    expect(said(await guardDocuments(update(), deps))).toBe("allowed");
    expect(asked).toEqual([]);
    expect(records).toEqual([
      {
        uid: "u",
        user: "ana",
        operation: "UPDATE",
        subResource: "",
        namespace: "gate",
        name: "policy",
        resource: "policies",
        from: digestOf("old").slice(0, 19),
        to: digestOf("new").slice(0, 19),
        decision: "allowed",
        reason: "as-strict",
        rules: [],
        dryRun: false,
        caller: "unverified",
      },
    ]);
  });

  it("is refused with line and rule where it is broken", async () => {
    const message = await edited({ lint: () => [PROBLEM] }, true);
    expect(message).toContain("policy.yaml:3:5: rules[0]: It is gone. [weaker-rule]");
  });

  it.each([
    ["it is not among the data", mapOf(undefined)],
    ["there are no data", mapOf(undefined, { data: null })],
    ["it moved to binaryData", mapOf(undefined, { binaryData: { "policy.yaml": "bmV3" } })],
    ["it has another name", mapOf(undefined, { data: { "policy.yml": "new" } })],
  ])("is refused where the key is missing: %s", async (_, object) => {
    expect(await edited({}, true, update({ object }))).toContain("policy.yaml is missing");
  });

  it("is refused where the editor approved it, whatever their rights", async () => {
    expect(await edited({ ownApprovals: approvedByAna }, true)).toContain("policy.yaml:3:5");
  });

  it.each<[string, boolean | Error, string, string]>([
    ["who may", true, "allowed", "by-right"],
    ["who may not", false, LACKING, "right-missing"],
    ["who cannot be asked about", new Error("no answer"), "could not be determined", "right-unknown"],
  ])("that weakens is for those %s", async (_, answer, expected, reason) => {
    const { deps, records } = world([document({ weakenings: () => [PROBLEM] })], answer);
    expect(said(await guardDocuments(update(), deps))).toContain(expected);
    const decision = expected === "allowed" ? "allowed" : "refused";
    expect(records).toMatchObject([{ decision, reason, rules: ["weaker-rule"] }]);
  });

  it.each<[string, object, Partial<GuardedDocument>]>([
    ["another ConfigMap without the key", { object: OTHER, oldObject: OTHER }, {}],
    ["a new one without the key", { operation: "CREATE", object: OTHER, oldObject: null }, {}],
    ["another namespace", { namespace: "shop" }, {}],
    [
      "another ConfigMap with the key of a document that lies nowhere else",
      { object: mapOf("new", { metadata: { name: "other" } }) },
      { isMovable: false },
    ],
  ])("leaves %s alone", async (_, differing, how) => {
    const { deps, records } = world([document({ lint: () => [PROBLEM], ...how })], false);
    expect(said(await guardDocuments(update(differing), deps))).toBe("allowed");
    expect(records).toEqual([]);
  });

  it("that changes only labels passes without a record, even where the unchanged text is broken", async () => {
    const { deps, records } = world(
      [document({ lint: () => [PROBLEM], weakenings: () => [PROBLEM] })],
      false,
    );
    const request = update({ object: mapOf("old", { metadata: { name: "policy", labels: { a: "b" } } }) });
    expect(said(await guardDocuments(request, deps))).toBe("allowed");
    expect(records).toEqual([]);
  });

  it("to an unchanged text is judged where the old object is not known", async () => {
    expect(await edited({ weakenings: always }, false, update({ oldObject: null }))).toContain(LACKING);
    expect(
      await edited({ weakenings: always }, false, update({ operation: "CREATE", oldObject: null })),
    ).toContain(LACKING);
  });

  it("takes the right where nobody could edit it any more", async () => {
    const object = mapOf("old", { immutable: true });
    expect(await edited({}, false, update({ object }))).toContain("[immutable-document]");
    expect(await edited({}, true, update({ object }))).toBe("allowed");
    expect(await edited({}, false, update({ object, oldObject: object }))).toBe("allowed");
  });

  it("of a document that a later version may read takes the right where this one cannot, and says so", async () => {
    const settings = document({ lint: () => [PROBLEM], unreadable: "weakens" });
    expect(said(await guardDocuments(update(), world([settings], false).deps))).toContain(LACKING);
    const { response } = await guardDocuments(update(), world([settings], true).deps);
    expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining("policy.yaml:3:5")] });
  });

  it("is judged for each document that lies in the same ConfigMap", async () => {
    const both = [document(), document({ key: "waivers.yaml", resource: "waivers" })];
    const request = update({ object: mapOf("new", { data: { "policy.yaml": "new" } }), oldObject: null });
    expect(said(await guardDocuments(request, world(both, true).deps))).toContain("waivers.yaml is missing");
  });
});

describe("an edit of a ConfigMap that replicas with other settings may read", () => {
  const renamed = { metadata: { name: "other" } };
  const before = { metadata: { name: "other" }, data: { "policy.yaml": "old" } };

  it.each<[string, object]>([
    ["edited", { object: mapOf("new", renamed), oldObject: before }],
    ["created", { operation: "CREATE", object: mapOf("new", renamed), oldObject: null }],
    ["deleted", { operation: "DELETE", object: null, oldObject: before, name: "" }],
    ["left without its key", { object: OTHER, oldObject: before }],
    ["left without its key, where the old object is not known", { object: OTHER, oldObject: null }],
    ["frozen", { object: mapOf("old", { ...renamed, immutable: true }), oldObject: before }],
  ])("is for those who may weaken the document in it: %s", async (_, differing) => {
    const request = update({ name: "other", ...differing });
    const { deps, asked, records } = world([document({ weakenings: always })], false);
    expect(said(await guardDocuments(request, deps))).toContain('weaken policies.mc-gate.dev "other"');
    expect(asked).toEqual([
      ["ana", { verb: "weaken", resource: "policies", namespace: "gate", name: "other" }],
    ]);
    expect(records).toMatchObject([{ name: "other", decision: "refused", reason: "right-missing" }]);
    expect(said(await guardDocuments(request, world([document()], true).deps))).toBe("allowed");
  });

  it("passes where it is as strict as the text in force and the one that it replaces", async () => {
    const request = update({ object: mapOf("newer", renamed), oldObject: before });
    const guarded = [document({ inForce: () => "strict", weakenings: shorter })];
    expect(said(await guardDocuments(request, world(guarded, false).deps))).toContain("[weaker-rule]");
    const stricter = update({ object: mapOf("stricter", renamed), oldObject: before });
    expect(said(await guardDocuments(stricter, world(guarded, false).deps))).toBe("allowed");
  });

  it("that only a later version may read takes the right, and says so", async () => {
    const guarded = [document({ lint: () => [PROBLEM] })];
    const request = update({ object: mapOf("new", renamed), oldObject: before });
    expect(said(await guardDocuments(request, world(guarded, false).deps))).toContain("right to weaken");
    const { response } = await guardDocuments(request, world(guarded, true).deps);
    expect(response).toMatchObject({ allowed: true, warnings: [expect.stringContaining("policy.yaml:3:5")] });
  });
});

describe("what an edit is compared with", () => {
  it.each<
    [string, { readonly inForce?: string; readonly old?: object | null; readonly to: string }, boolean]
  >([
    ["nothing in force, and a text", { old: null, to: "a" }, true],
    ["nothing in force, and the strictest there is", { old: null, to: "" }, false],
    ["nothing in force, an old object notwithstanding", { old: mapOf("a"), to: "aa" }, true],
    ["the text in force, which is the stricter", { inForce: "aaa", old: mapOf("a"), to: "aa" }, true],
    ["the old object, which is the stricter", { inForce: "a", old: mapOf("aaa"), to: "aa" }, true],
    ["two that are both weaker", { inForce: "a", old: mapOf("a"), to: "aa" }, false],
    [
      "what the old text may have said, where it cannot be read",
      { inForce: "a", old: mapOf("bbb"), to: "aa" },
      true,
    ],
    [
      "the text in force alone, where the old one is the same and cannot be read",
      { inForce: "bbb", old: mapOf("bbb"), to: "aaa" },
      false,
    ],
    [
      "the text in force alone, where the key was missing",
      { inForce: "a", old: mapOf(undefined), to: "aa" },
      false,
    ],
    ["the text in force after a deletion", { inForce: "aaa", old: null, to: "aa" }, true],
  ])("%s", async (_, { inForce, old, to }, isWeaker) => {
    const operation = old === null ? "CREATE" : "UPDATE";
    const request = update({ operation, object: mapOf(to), oldObject: old });
    const message = await edited(
      { inForce: () => inForce, lint: brokenFromB, weakenings: shorter },
      false,
      request,
    );
    expect([message.includes(LACKING), message === "allowed"]).toEqual([isWeaker, !isWeaker]);
  });
});

describe("the deletion of a guarded document", () => {
  it.each<[string, boolean | Error, string, string]>([
    ["who may weaken it", true, "allowed", "by-right"],
    ["who may not", false, `the deletion of policy is refused`, "right-missing"],
    ["who cannot be asked about", new Error("no answer"), "could not be determined", "right-unknown"],
  ])("is for those %s", async (_, answer, expected, reason) => {
    const { deps, records } = world([document()], answer);
    expect(said(await guardDocuments(deletion(), deps))).toContain(expected);
    expect(records).toMatchObject([{ operation: "DELETE", reason, to: "none" }]);
  });

  it("with all ConfigMaps at once, where the request names none, is judged by the object's name", async () => {
    const { deps } = world([document()], false);
    expect(said(await guardDocuments(deletion({ name: "" }), deps))).toContain(LACKING);
    const other = { name: "", oldObject: OTHER };
    expect(said(await guardDocuments(deletion(other), deps))).toBe("allowed");
  });

  it("is judged by the request's name where the old object is missing, and refused where there is neither", async () => {
    const { deps, records } = world([document()], false);
    expect(said(await guardDocuments(deletion({ oldObject: null }), deps))).toContain(LACKING);
    expect(said(await guardDocuments(deletion({ name: "", oldObject: null }), deps))).toContain(
      "cannot be read",
    );
    expect(records.at(-1)).toMatchObject({ decision: "refused", reason: "unreadable", resource: "unread" });
  });

  it("goes with the namespace that is being deleted, whoever deletes; an edit there does not", async () => {
    const { deps, records } = world([document({ weakenings: () => [PROBLEM] })], false, true);
    expect(said(await guardDocuments(deletion(), deps))).toBe("allowed");
    expect(records).toMatchObject([{ decision: "allowed", reason: "namespace-ends" }]);
    expect(said(await guardDocuments(update(), deps))).toContain(LACKING);
  });
});
