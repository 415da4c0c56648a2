import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type ArgoCdClient, createArgoCd } from "../../src/argocd/index.ts";
import { type FakeArgoCd, startFakeArgoCd } from "../support/fake-argo-cd.ts";
import { anApplication, deployment, SHA } from "../support/presync-world.ts";

const NAME = { namespace: "argocd", name: "web" };
const AT = { revisions: [SHA], isMulti: false };
const { signal } = new AbortController();
let argo: FakeArgoCd;
let client: ArgoCdClient;

beforeEach(async () => {
  argo = await startFakeArgoCd();
  argo.applications.set("argocd/web", anApplication());
  argo.render = () => [deployment("registry.example/app")];
  client = createArgoCd({ url: `${argo.url}/`, token: () => "argo-token" });
});
afterEach(async () => {
  await client.close();
  await argo.close();
});

describe("questions to one replica of Argo CD", () => {
  it("read the Application and what it renders to over one connection", async () => {
    const answers = await client.connected(async (replica) => [
      await replica.cached(NAME, signal),
      await replica.manifests(NAME, AT, signal),
      await replica.cached(NAME, signal),
    ]);
    const manifests = [JSON.stringify(deployment("registry.example/app"))];
    expect(answers).toEqual([anApplication(), manifests, anApplication()]);
    expect(argo.connections()).toBe(1);
  });

  it("reject where the connection is lost between them, as the next may reach another replica", async () => {
    const asked = client.connected(async (replica) => {
      await replica.cached(NAME, signal);
      argo.disconnect();
      return replica.manifests(NAME, AT, signal);
    });
    await expect(asked).rejects.toMatchObject({ code: "target/unavailable" });
  });

  it("reject where Argo CD ends the connection after each answer", async () => {
    argo.onRequest = () => ({ status: 200, body: '{"items":[],"manifests":[]}', close: true });
    const asked = client.connected(async (replica) => {
      await replica.cached(NAME, signal);
      return replica.manifests(NAME, AT, signal);
    });
    await expect(asked).rejects.toMatchObject({
      code: "target/unavailable",
      message: "the connection to Argo CD was lost between two questions",
    });
  });

  it("give nothing of an Application that the replica does not know", async () => {
    const found = client.connected((replica) => replica.cached({ ...NAME, name: "other" }, signal));
    expect(await found).toBeUndefined();
  });

  it.each(['{"items":[{},{}]}', '{"items":1}', "[]"])("reject what is no list of one: %s", async (body) => {
    argo.onRequest = () => ({ status: 200, body });
    const found = client.connected((replica) => replica.cached(NAME, signal));
    await expect(found).rejects.toMatchObject({ code: "target/unavailable" });
  });
});
