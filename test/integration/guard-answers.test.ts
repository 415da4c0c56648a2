import fastify from "fastify";
import { describe, expect, it } from "vitest";

import { registerAdmission } from "../../src/admission/index.ts";
import { createGuard, type GuardDeps, type GuardRecord } from "../../src/guard/index.ts";
import { NOTHING_BESIDES, NOTHING_GUARDED } from "../support/admission-deps.ts";
import { editOf, guard } from "../support/guarded.ts";

const RULE = { name: "app", images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } };
const STRICT = JSON.stringify({ rules: [RULE] });
const WEAK = JSON.stringify({ rules: [RULE], unmatched: "allow" });
/** Go escapes it as six characters in JSON, and a ConfigMap's limit of 1 MiB counts it as one byte. */
const PAD = "\u0001".repeat(1024 * 1024 - 4096);

/** What the guard answers to a review over HTTP, and what it records. */
async function answered(request: object, { guarded = [], query = "" }: Answering = {}) {
  const app = fastify();
  const records: GuardRecord[] = [];
  registerAdmission(app, {
    ...NOTHING_BESIDES,
    gate: { admit: () => Promise.reject(new Error("no workload")) },
    guard: createGuard({ ...NOTHING_GUARDED, guarded, observe: (record) => void records.push(record) }),
  });
  const payload = JSON.stringify({
    apiVersion: "admission.k8s.io/v1",
    kind: "AdmissionReview",
    request: { uid: "u-1", operation: "UPDATE", userInfo: { username: "tenant" }, ...request },
  });
  const headers = { "content-type": "application/json" };
  const { statusCode, body } = await app.inject({ method: "POST", url: `/guard${query}`, headers, payload });
  await app.close();
  const { response } = JSON.parse(body) as { readonly response?: object };
  return { statusCode, response, records };
}

interface Answering {
  readonly guarded?: GuardDeps["guarded"];
  readonly query?: string;
}

function holding(name: string, text: string, others: object = {}): object {
  return { metadata: { name, namespace: "gate" }, data: { "policy.yaml": text, ...others } };
}

function padded(text: string): object {
  return holding("mc-gate-policy", text, { pad: PAD });
}

describe("an edit of a guarded document, which passes where the API server gets no answer", () => {
  it("is refused with its uid where its review is larger than the gate reads", async () => {
    const request = { ...editOf("policy", WEAK), object: padded(WEAK), oldObject: padded(STRICT) };
    const { statusCode, response, records } = await answered(request);
    expect(records).toMatchObject([{ uid: "u-1", decision: "refused", reason: "unreadable" }]);
    expect([statusCode, response]).toEqual([
      200,
      expect.objectContaining({
        uid: "u-1",
        allowed: false,
        status: expect.objectContaining({
          message: expect.stringContaining("larger than 7 MiB; remove all other keys"),
        }),
      }),
    ]);
  });

  it("is refused when the answer is due, and what comes of it later is not recorded", async () => {
    const judged = Promise.withResolvers<readonly []>();
    const document: GuardDeps["guarded"][number] = {
      namespace: "gate",
      configMap: "mc-gate-policy",
      key: "policy.yaml",
      isMovable: true,
      resource: "policies",
      inForce: () => STRICT,
      lint: () => judged.promise,
      unreadable: "refused",
      weakenings: () => [],
      ownApprovals: () => [],
    };
    const { response, records } = await answered(editOf("policy", WEAK), {
      guarded: [document],
      query: "?timeout=1s",
    });
    judged.resolve([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(response).toMatchObject({
      uid: "u-1",
      allowed: false,
      status: { message: expect.stringContaining("could not be judged in time") },
    });
    expect(records).toMatchObject([{ uid: "u-1", decision: "refused", reason: "unreadable" }]);
  });
});

describe("an edit that replaces a text which only a later version reads", () => {
  const inForce = {
    policy: { text: () => WEAK },
    waivers: { text: () => "waivers: []\n" },
    revocations: { text: () => "revocations: []\n" },
    enforcement: { text: () => undefined },
  };
  const later = JSON.stringify({ rules: [RULE], unmatched: "deny", laterKey: true });

  it.each(["mc-gate-policy", "mc-gate-policy-2"])(
    "takes the right, however strict by what this replica has in force: %s",
    async (name) => {
      const request = {
        ...editOf("policy", WEAK),
        name,
        object: holding(name, WEAK),
        oldObject: holding(name, later),
      };
      const said = await guard(inForce, request, { user: "tenant" });
      expect(said).toContain("[unreadable-before]");
      expect(said).toContain("right to weaken");
      const rights = [`ana may weaken policies ${name}`] as const;
      expect(await guard(inForce, request, { user: "ana", rights })).toBe("allowed");
    },
  );
});
