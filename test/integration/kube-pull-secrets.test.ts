import { describe, expect, it } from "vitest";

import type { PullAccess } from "../../src/core/index.ts";
import { createPullSecrets, type PullSecrets } from "../../src/kube/index.ts";
import type { NewObject } from "../support/fake-api-store.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { collectionOf, dockerSecret, rawSecret } from "../support/pull-secret-objects.ts";

const HOST = "registry.example";
const fixture = useKubeFixture();
let clock = 0;

function open(options: Partial<Parameters<typeof createPullSecrets>[0]> = {}): PullSecrets {
  const { client, onTrouble } = fixture();
  return createPullSecrets({
    client,
    workloadSecrets: true,
    onTrouble,
    now: () => new Date(clock),
    ...options,
  });
}

function put(object: NewObject, resource: "secrets" | "serviceaccounts" = "secrets"): void {
  fixture().server.store.put(collectionOf(object.metadata.namespace ?? "", resource), object);
}

function account(namespace: string, name: string, secrets: readonly string[]): void {
  const imagePullSecrets = secrets.map((each) => ({ name: each }));
  put({ metadata: { namespace, name }, imagePullSecrets }, "serviceaccounts");
}

async function users(secrets: PullSecrets, access: PullAccess, host = HOST): Promise<string[]> {
  const auths = (await secrets(host, access)).filter((each) => each.kind !== "unread");
  return auths.map((auth) => (auth.kind === "password" ? auth.username : auth.kind));
}

function asked(): string[] {
  return fixture().server.requests.map(({ verb, path }) => `${verb} ${path}`);
}

describe("pull secrets", () => {
  it("come from the pod, then its service account, then the gate", async () => {
    put(dockerSecret("shop", "of-pod", [HOST, "other.example"]));
    put(dockerSecret("shop", "of-account", [HOST]));
    put(dockerSecret("gate", "of-gate", [HOST]));
    account("shop", "web", ["of-account", "of-pod"]);
    const secrets = open({ own: { namespace: "gate", names: ["of-gate"] } });
    const access = { namespace: "shop", serviceAccount: "web", pullSecrets: ["of-pod"] };
    expect(await users(secrets, access)).toEqual(["shop-of-pod", "shop-of-account", "gate-of-gate"]);
    expect(await users(secrets, access, "other.example")).toEqual(["shop-of-pod"]);
    expect(await users(secrets, access, "example")).toEqual([]);
    expect(fixture().troubles).toEqual([]);
  });

  it("of the gate are kept for their minute, however many the workloads name meanwhile", async () => {
    put(dockerSecret("gate", "of-gate", [HOST]));
    const secrets = open({ own: { namespace: "gate", names: ["of-gate"] } });
    for (let n = 0; n < 17; n += 1) {
      const pullSecrets = Array.from({ length: 16 }, (_, at) => `s-${n}-${at}`);
      expect(await users(secrets, { namespace: "shop", pullSecrets })).toEqual(["gate-of-gate"]);
    }
    expect(asked().filter((each) => each.includes("of-gate"))).toHaveLength(1);
  });

  it("of a workload say so, and those of the gate do not", async () => {
    put(dockerSecret("shop", "of-pod", [HOST]));
    put(dockerSecret("gate", "of-gate", [HOST]));
    account("shop", "web", []);
    const secrets = open({ own: { namespace: "gate", names: ["of-gate"] } });
    const auths = await secrets(HOST, { namespace: "shop", serviceAccount: "web", pullSecrets: ["of-pod"] });
    expect(auths.map(({ isOfWorkload }) => isOfWorkload)).toEqual([true, undefined]);
  });

  it("are those of the default service account where none is named", async () => {
    put(dockerSecret("shop", "inherited", [HOST]));
    account("shop", "default", ["inherited"]);
    expect(await users(open(), { namespace: "shop" })).toEqual(["shop-inherited"]);
  });

  it("of workloads are not even looked for where that is switched off", async () => {
    put(dockerSecret("shop", "of-pod", [HOST]));
    put(dockerSecret("gate", "of-gate", [HOST]));
    const secrets = open({ workloadSecrets: false, own: { namespace: "gate", names: ["of-gate"] } });
    expect(await users(secrets, { namespace: "shop", pullSecrets: ["of-pod"] })).toEqual(["gate-of-gate"]);
    expect(asked()).toEqual(["get /api/v1/namespaces/gate/secrets/of-gate"]);
  });

  it("understand the legacy form", async () => {
    const text = JSON.stringify({ [HOST]: { username: "old", password: "s3cret" } });
    put(rawSecret("shop", "legacy", { ".dockercfg": text }));
    account("shop", "default", []);
    expect(await users(open(), { namespace: "shop", pullSecrets: ["legacy"] })).toEqual(["old"]);
  });

  it.each([
    ["missing", undefined],
    ["of another type", { password: "s3cret" }],
    ["no JSON", { ".dockerconfigjson": "s3cret" }],
    ["too large", { ".dockerconfigjson": JSON.stringify({ auths: {}, s3cret: "x".repeat(300_000) }) }],
  ])("that are %s give nothing, hide no other, and are said without their content", async (_, texts) => {
    account("shop", "default", []);
    put(dockerSecret("shop", "good", [HOST]));
    if (texts !== undefined) put(rawSecret("shop", "bad", texts));
    expect(await users(open(), { namespace: "shop", pullSecrets: ["bad", "good"] })).toEqual(["shop-good"]);
    expect(fixture().troubles).toHaveLength(1);
    expect(fixture().troubles[0]?.message).toMatch(/secret/i);
    expect(fixture().troubles[0]?.message).not.toContain("s3cret");
  });

  it("of a service account that cannot be read give nothing, and are said in one sentence", async () => {
    put({ metadata: { namespace: "shop", name: "default" }, imagePullSecrets: "s3cret" }, "serviceaccounts");
    expect(await users(open(), { namespace: "shop" })).toEqual([]);
    expect(fixture().troubles.map(({ message }) => message)).toEqual([
      "the API server's answer is not a service account",
    ]);
  });

  it.each([403, 500])(
    "that the server refuses with %i give nothing, and are asked for again later",
    async (status) => {
      const { server, troubles } = fixture();
      put(dockerSecret("shop", "of-pod", [HOST]));
      account("shop", "default", []);
      const secrets = open();
      const access = { namespace: "shop", pullSecrets: ["of-pod"] };
      server.onRequest = () => ({ kind: "status", status });
      expect(await users(secrets, access)).toEqual([]);
      expect(troubles.map((error) => error.status)).toEqual([status, status]);
      server.onRequest = () => undefined;
      clock += 9000;
      expect(await users(secrets, access)).toEqual([]);
      clock += 2000;
      expect(await users(secrets, access)).toEqual(["shop-of-pod"]);
      expect(troubles).toHaveLength(2);
    },
  );

  it("that the server answers with another object are unread", async () => {
    const { server } = fixture();
    const other = JSON.stringify({ ...dockerSecret("shop", "other", [HOST]), kind: "Secret" });
    server.onRequest = ({ path }) => (path.includes("/secrets/") ? { kind: "text", text: other } : undefined);
    account("shop", "default", []);
    expect(await open()(HOST, { namespace: "shop", pullSecrets: ["of-pod"] })).toEqual([
      expect.objectContaining({ kind: "unread", code: "registry/unavailable", isOfWorkload: true }),
    ]);
  });

  it("are read once a minute, also when many ask at once", async () => {
    put(dockerSecret("shop", "of-pod", [HOST]));
    account("shop", "default", []);
    const secrets = open();
    const access = { namespace: "shop", pullSecrets: ["of-pod"] };
    await Promise.all(Array.from({ length: 20 }, () => secrets(HOST, access)));
    clock += 59_000;
    await secrets(HOST, access);
    expect(asked()).toHaveLength(2);
    put(dockerSecret("shop", "of-pod", [`new.${HOST}`]));
    clock += 2000;
    expect(await users(secrets, access)).toEqual([]);
    expect(asked()).toHaveLength(4);
  });

  it("are looked for by at most 16 names of a pod", async () => {
    account("shop", "default", []);
    const pullSecrets = Array.from({ length: 200 }, (_, each) => `s${each}`);
    await open()(HOST, { namespace: "shop", pullSecrets });
    expect(asked()).toHaveLength(17);
  });
});
