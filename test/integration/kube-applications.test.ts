import { describe, expect, it } from "vitest";

import { createApplicationReader, eachRunningPod, watchOutOfSync } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
const SOURCE = { repoURL: "https://git.example/shop", path: "." };
const fixture = useKubeFixture();

interface Changes {
  readonly uid?: string;
  readonly status?: string;
  readonly revision?: string;
  readonly source?: object;
  readonly destination?: object;
  readonly rest?: object;
}

function put(name: string, changes: Changes = {}): void {
  const { uid = name, status = "OutOfSync", revision = "a", source = SOURCE, destination, rest } = changes;
  fixture().server.store.put(APPLICATIONS, {
    metadata: { name, namespace: "argocd", uid },
    spec: { source, destination: destination ?? { namespace: "shop" }, project: "p" },
    status: { sync: { status, revision }, ...rest },
  });
}

/** What was told of each Application, by name. */
function follow(): Map<string, (string | undefined)[]> {
  const { client, onTrouble, stopLater } = fixture();
  const told = new Map<string, (string | undefined)[]>();
  const onChange = ({ namespace, name }: Record<"namespace" | "name", string>, target?: string): void => {
    const key = `${namespace}/${name}`;
    told.set(key, [...(told.get(key) ?? []), target]);
  };
  stopLater(watchOutOfSync({ client, onChange, onTrouble, timing: FAST_TIMING }));
  return told;
}

describe("Applications", () => {
  it.each<[string, Changes, boolean]>([
    ["its revision", { revision: "b" }, true],
    ["its source", { source: { ...SOURCE, path: "other" } }, true],
    ["its destination", { destination: { namespace: "other" } }, true],
    ["its uid", { uid: "again" }, true],
    ["the order of its fields", { source: { path: ".", repoURL: SOURCE.repoURL } }, false],
    ["the rest of its status", { rest: { reconciledAt: "now" } }, false],
  ])("out of sync, of which %s changes, have another target: %j is %s", async (_, changes, isOther) => {
    put("web");
    const told = follow();
    await soon(() => expect(told.get("argocd/web")).toHaveLength(1));
    put("web", changes);
    await soon(() => expect(told.get("argocd/web")).toHaveLength(2));
    const [first, second] = told.get("argocd/web")!;
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(first !== second).toBe(isOther);
  });

  it.each<[string, object]>([
    ["in sync", { status: { sync: { status: "Synced", revision: "a" } } }],
    ["without a status", {}],
    ["that cannot be read", { status: "none", spec: [] }],
  ])("%s have no target, and are no trouble", async (_, rest) => {
    const { server, troubles } = fixture();
    server.store.put(APPLICATIONS, {
      metadata: { name: "web", namespace: "argocd", uid: "u" },
      spec: {},
      ...rest,
    });
    const told = follow();
    await soon(() => expect(told.get("argocd/web")).toEqual([undefined]));
    expect(troubles).toEqual([]);
  });

  it("that are in sync again, or gone, lose theirs", async () => {
    put("web");
    put("api");
    const told = follow();
    await soon(() => expect(told.size).toBe(2));
    put("web", { status: "Synced" });
    fixture().server.store.remove(APPLICATIONS, "api");
    await soon(() => {
      expect(told.get("argocd/web")?.at(-1)).toBeUndefined();
      expect(told.get("argocd/api")?.at(-1)).toBeUndefined();
    });
  });

  it("nested deeper than the stack have no target, and are no trouble", async () => {
    let values: object = {};
    for (let depth = 0; depth < 4000; depth++) values = { values };
    put("web", { source: { ...SOURCE, helm: { valuesObject: values } } });
    const { troubles } = fixture();
    const told = follow();
    await soon(() => expect(told.get("argocd/web")).toEqual([undefined]));
    expect(troubles).toEqual([]);
  });

  it("come in pages of 20, since they are large, and all of them", async () => {
    for (let each = 0; each < 50; each++) put(`web${each}`);
    const told = follow();
    await soon(() => expect(told.size).toBe(50));
    const lists = fixture().server.requests.filter(({ verb }) => verb === "list");
    expect(lists.map(({ query }) => query.get("limit"))).toEqual(["20", "20", "20"]);
  });

  it("are read as they are now, and one that is not there is nothing", async () => {
    const { server, client } = fixture();
    server.store.put(APPLICATIONS, { metadata: { name: "web", namespace: "argocd" } });
    const read = createApplicationReader(client);
    expect(await read({ namespace: "argocd", name: "web" })).toMatchObject({ metadata: { name: "web" } });
    expect(await read({ namespace: "argocd", name: "api" })).toBeUndefined();
    await expect(read({ namespace: "..", name: "web" })).rejects.toThrow("not one that Kubernetes allows");
  });
});

function putPod(name: string, phase: string): void {
  fixture().server.store.put("/api/v1/namespaces/shop/pods", {
    metadata: { name, namespace: "shop" },
    status: { phase },
  });
}

describe("running pods", () => {
  it("are those that have not ended, page by page", async () => {
    for (const phase of ["Running", "Pending", "Succeeded", "Failed"]) putPod(phase.toLowerCase(), phase);
    for (let each = 0; each < 200; each++) putPod(`web${each}`, "Running");
    const names: unknown[] = [];
    const { client, server } = fixture();
    await eachRunningPod(client, (pod) => names.push((pod as { metadata: { name: string } }).metadata.name));
    expect(names).toHaveLength(202);
    expect(names).not.toContain("failed");
    expect(server.requests.map(({ query }) => query.get("limit"))).toEqual(["100", "100", "100"]);
  });

  it("that cannot be listed to the end are an error", async () => {
    for (let each = 0; each < 150; each++) putPod(`web${each}`, "Running");
    const { client, server } = fixture();
    server.onRequest = ({ query }) => (query.has("continue") ? { kind: "status", status: 403 } : undefined);
    await expect(eachRunningPod(client, () => undefined)).rejects.toThrow("403");
  });
});
