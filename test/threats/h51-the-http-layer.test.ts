import fastify from "fastify";
import { afterAll, describe, expect, it } from "vitest";

import { registerAdmission } from "../../src/admission/index.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import { aPod, aReview } from "../support/review.ts";

const app = fastify();
let asked = 0;
registerAdmission(app, {
  ...NOTHING_BESIDES,
  gate: {
    admit: ({ mode }) => {
      asked += 1;
      return Promise.resolve({ decision: "allow", mode: mode(), objections: [], waived: [], judged: [] });
    },
  },
});
afterAll(() => app.close());

function post(payload: string, type?: string) {
  const headers = type === undefined ? {} : { "content-type": type };
  return app.inject({ method: "POST", url: "/validate/enforce", headers, payload });
}

describe("H51: ways around the body's schema", () => {
  const body = JSON.stringify(aReview({ object: aPod("x") }));

  it.each([
    "text/plain",
    "application/x-www-form-urlencoded",
    "application/jsonx",
    "multipart/form-data",
    "a",
  ])("takes no body of type %j", async (type) => {
    expect((await post(body, type)).statusCode).toBe(415);
  });

  it("reads the review itself whatever the header's parameters say", async () => {
    const before = asked;
    const answer = await post(body, "application/json; charset=utf-8; x=y");
    expect([answer.statusCode, answer.json().response.allowed, asked - before]).toEqual([200, true, 1]);
  });

  it.each([
    ["a number for the uid", { request: { uid: 7 } }],
    ["no request", {}],
    ["a list", []],
    ["another version", { apiVersion: "admission.k8s.io/v1beta1", kind: "AdmissionReview", request: {} }],
  ])("answers %s without asking the gate", async (_, value) => {
    const before = asked;
    expect((await post(JSON.stringify(value), "application/json")).statusCode).toBe(400);
    expect(asked).toBe(before);
  });

  it("denies with the uid where the rest of the review is unreadable", async () => {
    const broken = {
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      request: { uid: "u-1", operation: "EAT" },
    };
    const { response } = (await post(JSON.stringify(broken), "application/json")).json();
    expect(response).toMatchObject({ uid: "u-1", allowed: false });
    expect(response.status.message).toContain("[review/invalid]");
  });

  it("coerces nothing: an image that is no string is a fault, not an absent one", async () => {
    for (const image of [["x"], 7, { a: 1 }, true]) {
      const object = { spec: { containers: [{ name: "c", image }] } };
      const { response } = (await post(JSON.stringify(aReview({ object })), "application/json")).json();
      expect(response.status.message).toContain("[review/invalid]");
    }
  });

  it("is not impressed by keys of Object's prototype", async () => {
    const evil = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"CREATE","kind":{"group":"","version":"v1","kind":"Pod"},"namespace":"n","object":{"__proto__":{"spec":{"containers":[]}},"spec":{"containers":{"length":0}}}}}`;
    expect((await post(evil, "application/json")).json().response.allowed).toBe(false);
  });

  it("refuses a body past its limit, and JSON nested without end, and stays up", async () => {
    expect((await post(" ".repeat(33 * 1024 * 1024), "application/json")).statusCode).toBe(413);
    const large = `${body.slice(0, -1)}${" ".repeat(8 * 1024 * 1024)}}`;
    const { response } = (await post(large, "application/json")).json();
    expect([response.allowed, response.status.message]).toEqual([
      false,
      expect.stringContaining("larger than 7 MiB"),
    ]);
    const deep = `{"request":{"uid":"u","object":${"[".repeat(200_000)}${"]".repeat(200_000)}}}`;
    expect([200, 400]).toContain((await post(deep, "application/json")).statusCode);
    expect((await post(body, "application/json")).statusCode).toBe(200);
  });
});
