import { afterAll, describe, expect, it } from "vitest";

import { watchDocuments } from "../../src/kube/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";
import { aPod } from "../support/review.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
const { unsigned, registry, waive, decide } = world;

afterAll(world.close);

function podIn(namespace: string, differing: object = {}): unknown {
  const pod = aPod(`${registry.host}/acme/app@${unsigned}`) as object;
  return { ...pod, metadata: { name: "web", namespace, ...differing } };
}

describe("E33: a waiver that counts where it was not granted", () => {
  it("counts in its namespaces and in no other", async () => {
    waive(aWaiver(unsigned, { namespaces: ["shop", "shop-eu"] }));
    expect((await decide({ namespace: "shop" })).allowed).toBe(true);
    expect((await decide({ namespace: "shop-eu" })).allowed).toBe(true);
    for (const namespace of ["prod", "shop-2", "sho", "SHOP", "shop ", ""])
      expect((await decide({ namespace })).allowed).toBe(false);
  });

  it("believes the request and not the object about the namespace", async () => {
    waive(aWaiver(unsigned, { namespaces: ["shop"] }));
    const claims = {
      labels: { "kubernetes.io/metadata.name": "shop" },
      annotations: { "mc-gate.dev/namespace": "shop" },
    };
    expect((await decide({ namespace: "prod", object: podIn("shop", claims) })).allowed).toBe(false);
    expect((await decide({ namespace: "shop", object: podIn("prod") })).allowed).toBe(true);
  });

  it.each([["*"], ["**"], ["shop*"], [""], ["shop/x"], []])(
    "takes no pattern for a namespace: %j",
    (...namespaces) => {
      expect(waive(aWaiver(unsigned, { namespaces }))).toEqual([]);
    },
  );

  it("does not carry a waiver that one namespace used to the next request from another", async () => {
    waive(aWaiver(unsigned, { namespaces: ["shop"] }));
    const answers = await Promise.all(
      ["shop", "prod", "shop", "prod"].map((namespace) => decide({ namespace })),
    );
    expect(answers.map(({ allowed }) => allowed)).toEqual([true, false, true, false]);
  });
});

describe("E33: a ConfigMap of the same name in a tenant's namespace", () => {
  const fixture = useKubeFixture();
  const source = { configMap: "mc-gate-waivers", key: "waivers.yaml" };

  function put(namespace: string, text: string): void {
    fixture().server.store.put(`/api/v1/namespaces/${namespace}/configmaps`, {
      metadata: { name: source.configMap, namespace },
      data: { [source.key]: text },
    });
  }

  it("is not read", async () => {
    const texts: (string | undefined)[] = [];
    const { client, onTrouble, stopLater } = fixture();
    put("gate", "waivers: []");
    put("tenant", "a tenant's waivers");
    const onText = (_: unknown, text: string | undefined): void => void texts.push(text);
    stopLater(
      watchDocuments({
        client,
        namespace: "gate",
        documents: [source],
        onText,
        onTrouble,
        timing: FAST_TIMING,
      }),
    );
    await soon(() => expect(texts).toEqual(["waivers: []"]));
    put("tenant", "another text");
    put("gate", "waivers: [] # edited");
    await soon(() => expect(texts).toEqual(["waivers: []", "waivers: [] # edited"]));
    expect(fixture().server.requests.every(({ path }) => path.includes("/namespaces/gate/"))).toBe(true);
  });
});
