import fastify from "fastify";
import { describe, expect, it } from "vitest";

import { readReviewParts, registerAdmission, type ReadPartsElsewhere } from "../../src/admission/index.ts";
import { targetOf } from "../../src/argocd/index.ts";
import { digestOf } from "../../src/core/index.ts";
import { createGuard } from "../../src/guard/index.ts";
import { NOTHING_BESIDES, NOTHING_GUARDED } from "../support/admission-deps.ts";
import { deployment, startPresyncWorld } from "../support/presync-world.ts";
import { startSync } from "../support/sync-start.ts";

const LONG = "x".repeat(300 * 1024);

function elsewhere(): { readonly readPartsElsewhere: ReadPartsElsewhere; readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    readPartsElsewhere: (namespace, ...input) => {
      asked.push(namespace);
      return Promise.resolve(structuredClone(readReviewParts(...input)));
    },
  };
}

describe("more than 256 KiB are read in the other thread", () => {
  it("of a review of the guard's", async () => {
    const { readPartsElsewhere, asked } = elsewhere();
    const app = fastify();
    registerAdmission(app, {
      ...NOTHING_BESIDES,
      guard: createGuard({ ...NOTHING_GUARDED, readPartsElsewhere }),
      gate: { admit: () => Promise.reject(new Error("no workload")) },
    });
    const request = {
      uid: "u",
      kind: { group: "", version: "v1", kind: "Namespace" },
      namespace: "shop",
      operation: "CREATE",
      object: { metadata: { name: "shop", labels: { "mc-gate.dev/mode": "strict" }, annotations: { LONG } } },
    };
    const review = { apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request };
    const headers = { "content-type": "application/json" };
    const answer = await app.inject({
      method: "POST",
      url: "/guard",
      headers,
      payload: JSON.stringify(review),
    });
    await app.close();
    expect(answer.json()).toMatchObject({ response: { uid: "u", allowed: false } });
    expect(answer.body).toContain("strict is not a valid mode");
    expect(asked).toEqual(["shop"]);
  });

  it("of a target that Argo CD renders", async () => {
    const asked: number[] = [];
    const world = await startPresyncWorld({
      readTargetElsewhere: (manifests, scope) => {
        asked.push(manifests.length);
        return Promise.resolve(structuredClone(targetOf(manifests, scope)));
      },
    });
    world.argo.render = () => [deployment("registry.example/app@" + digestOf("app")), { kind: "Odd", LONG }];
    expect((await startSync(world)).allowed).toBe(true);
    expect([asked, world.asked.map(({ subjects }) => subjects.length)]).toEqual([[2], [1]]);
    await world.close();
  });

  it("of an Application whose sync starts", async () => {
    const { readPartsElsewhere, asked } = elsewhere();
    const world = await startPresyncWorld({ readPartsElsewhere });
    expect((await startSync(world, { metadata: { annotations: { LONG } } })).allowed).toBe(true);
    expect([asked, world.argo.renders().length]).toEqual([["argocd"], 1]);
    await world.close();
  });
});
