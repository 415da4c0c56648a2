import { describe, expect, it } from "vitest";

import { createAccessReview, createHookReader, createTokenReview } from "../../src/kube/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";

const fixture = useKubeFixture();
const RIGHT = { verb: "weaken", resource: "policies", namespace: "gate", name: "mc-gate-policy" };

describe("who may", () => {
  it("is asked of the cluster's authorizer, with everything that is known of the person", async () => {
    const { server, client } = fixture();
    const asked: unknown[] = [];
    server.grants = (spec) => asked.push(spec) > 0;
    const who = { username: "ana", uid: "7", groups: ["shop"], extra: { scopes: ["a"] } };
    expect(await createAccessReview(client)(who, RIGHT)).toBe(true);
    expect(asked).toEqual([
      {
        user: "ana",
        uid: "7",
        groups: ["shop"],
        extra: { scopes: ["a"] },
        resourceAttributes: { group: "mc-gate.dev", ...RIGHT },
      },
    ]);
  });

  it("is nobody where the authorizer says no, and unknown where it cannot be asked", async () => {
    const { server, client } = fixture();
    const may = createAccessReview(client);
    expect(await may({ username: "ana" }, RIGHT)).toBe(false);
    server.onRequest = () => ({ kind: "status", status: 500 });
    await expect(may({ username: "ana" }, RIGHT)).rejects.toMatchObject({ name: "KubeError" });
  });

  it.each(["null", "[]", '{"status":null}', '{"status":{"allowed":"yes","authenticated":"yes"}}'])(
    "cannot be asked where the answer is %s",
    async (text) => {
      const { server, client } = fixture();
      server.onRequest = () => ({ kind: "text", text });
      const failure = { name: "KubeError" };
      await expect(createAccessReview(client)({ username: "ana" }, RIGHT)).rejects.toMatchObject(failure);
      await expect(createTokenReview(client)("t", ["mc-gate"])).rejects.toMatchObject(failure);
      const pod = { kind: "Pod", namespace: "shop", name: "web" } as const;
      await expect(createHookReader(client)(pod)).rejects.toMatchObject(failure);
    },
  );
});
