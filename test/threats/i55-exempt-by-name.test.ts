import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

const NAMES: readonly (readonly [container: string, image: string])[] = [
  ["istio-proxy", "docker.io/istio/proxyv2:1.30.0"],
  ["istio-init", "docker.io/istio/proxyv2:1.30.0"],
  ["linkerd-proxy", "cr.l5d.io/linkerd/proxy:edge-26.1.1"],
  ["POD", "registry.k8s.io/pause:3.10"],
  ["vault-agent", "hashicorp/vault:1.20"],
  ["mc-gate", "registry.example/mc-gate:0.1.0"],
];

describe("I55: a container or an image that is let through by its name", () => {
  it.each(NAMES)("is judged like any other: %s of %s", async (name, image) => {
    const metadata = {
      name: "web",
      namespace: "shop",
      labels: { "security.istio.io/tlsMode": "istio", "linkerd.io/control-plane-ns": "linkerd" },
      annotations: { "sidecar.istio.io/status": "{}", "linkerd.io/inject": "enabled" },
    };
    const containers = [{ name, image }];
    for (const spec of [{ containers }, { containers: [], initContainers: containers }]) {
      const answer = await askedImages(aReview({ object: { metadata, spec } }));
      expect(answer).toMatchObject({ images: [image], allowed: false });
    }
  });

  it.each(["kube-system", "istio-system", "linkerd"])(
    "is judged in the namespace %s, too",
    async (namespace) => {
      const object = { spec: { containers: [{ name: "istio-proxy", image: "docker.io/istio/proxyv2:1" }] } };
      expect((await askedImages(aReview({ namespace, object }))).images).toEqual([
        "docker.io/istio/proxyv2:1",
      ]);
    },
  );
});
