import { describe, expect, it } from "vitest";

import { createPullSecrets } from "../../src/kube/index.ts";
import { useKubeFixture } from "../support/kube-fixture.ts";
import { collectionOf, dockerSecret } from "../support/pull-secret-objects.ts";

const HOST = "registry.example";
const fixture = useKubeFixture();

describe("H48 namespaces are kept apart", () => {
  it.each([
    "../../bank/secrets/theirs",
    "..%2f..%2fbank%2fsecrets%2ftheirs",
    "bank/theirs",
    "theirs?namespace=bank",
    "theirs#",
    ".",
    "..",
    "a/../../bank/secrets/theirs",
    "Theirs",
    "",
    "x".repeat(254),
  ])("a pull secret named %j leads nowhere", async (name) => {
    const { server, client, onTrouble } = fixture();
    server.store.put(collectionOf("bank", "secrets"), dockerSecret("bank", "theirs", [HOST]));
    const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
    expect(await secrets(HOST, { namespace: "shop", pullSecrets: [name] })).toEqual([]);
    expect(server.requests.filter(({ resource }) => resource === "secrets")).toEqual([]);
  });

  it.each(["../bank", "shop/../bank", "", "shop/secrets/x"])(
    "neither does a namespace or service account named %j",
    async (name) => {
      const { server, client, onTrouble } = fixture();
      server.store.put(collectionOf("bank", "secrets"), dockerSecret("bank", "theirs", [HOST]));
      const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
      expect(await secrets(HOST, { namespace: name, pullSecrets: ["theirs"] })).toEqual([]);
      expect(await secrets(HOST, { namespace: "shop", serviceAccount: name })).toEqual([]);
      expect(server.requests).toEqual([]);
    },
  );

  it("what one namespace's secret gave is not given to another that uses the same name", async () => {
    const { server, client, onTrouble } = fixture();
    server.store.put(collectionOf("bank", "secrets"), dockerSecret("bank", "pull", [HOST]));
    const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
    expect(await secrets(HOST, { namespace: "bank", pullSecrets: ["pull"] })).toHaveLength(1);
    expect(await secrets(HOST, { namespace: "shop", pullSecrets: ["pull"] })).toEqual([]);
  });

  it("a service account lends only secrets of its own namespace", async () => {
    const { server, client, onTrouble } = fixture();
    server.store.put(collectionOf("bank", "secrets"), dockerSecret("bank", "theirs", [HOST]));
    server.store.put(collectionOf("shop", "serviceaccounts"), {
      metadata: { namespace: "shop", name: "web" },
      imagePullSecrets: [{ name: "theirs" }, { name: "../../bank/secrets/theirs" }, {}],
    });
    const secrets = createPullSecrets({ client, workloadSecrets: true, onTrouble });
    expect(await secrets(HOST, { namespace: "shop", serviceAccount: "web" })).toEqual([]);
    const read = server.requests.map(({ path }) => path);
    expect(read).toEqual([
      "/api/v1/namespaces/shop/serviceaccounts/web",
      "/api/v1/namespaces/shop/secrets/theirs",
    ]);
  });
});
