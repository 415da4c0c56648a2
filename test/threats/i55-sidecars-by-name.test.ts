import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

const DEPLOYMENT = { group: "apps", version: "v1", kind: "Deployment" };

/** Names that other verifiers let pass, each as a tenant can write it. */
const SIDECARS = [
  ["istio-proxy", "docker.io/istio/proxyv2:1.28.0", "sidecar.istio.io/status"],
  ["istio-init", "mallory.example/istio/proxyv2:1.28.0", "sidecar.istio.io/status"],
  ["linkerd-proxy", "cr.l5d.io/linkerd/proxy:edge", "linkerd.io/proxy-version"],
  ["vault-agent", "docker.io/hashicorp/vault:1.21", "vault.hashicorp.com/agent-inject-status"],
  ["POD", "registry.k8s.io/pause:3.10", "kubernetes.io/config.source"],
  ["pause", "mallory.example/pause", "io.kubernetes.cri.container-type"],
  ["queue-proxy", "gcr.io/knative-releases/queue:latest", "serving.knative.dev/creator"],
] as const;

function podWith(name: string, image: string, annotations: object): object {
  const spec = { containers: [{ name: "web", image: "good" }], initContainers: [{ name, image }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "web", annotations }, spec };
}

describe("I55: sidecars that are exempt by name", () => {
  it.each(SIDECARS)(
    "the container %s with %s is judged in a pod that says it was injected",
    async (name, image, key) => {
      const { images, allowed } = await askedImages(
        aReview({ object: podWith(name, image, { [key]: "{}" }) }),
      );
      expect([images, allowed]).toEqual([[image, "good"], false]);
    },
  );

  it.each(SIDECARS)("the container %s with %s is judged in a template", async (name, image, key) => {
    const template = { metadata: { annotations: { [key]: "{}" } }, spec: { containers: [{ name, image }] } };
    const review = aReview({ kind: DEPLOYMENT, object: { spec: { template } } });
    expect(await askedImages(review)).toMatchObject({ images: [image], allowed: false });
  });

  it.each(SIDECARS)(
    "the container %s with %s is judged where it is added to a running pod",
    async (name, image, key) => {
      const annotations = { [key]: "{}" };
      const review = aReview({
        operation: "UPDATE",
        object: podWith(name, image, annotations),
        oldObject: podWith(name, "good", annotations),
      });
      expect(await askedImages(review)).toMatchObject({ images: [image], allowed: false });
    },
  );

  it("the placeholder of a gateway is judged in a pod, whatever its annotations and names say", async () => {
    const review = aReview({ object: podWith("istio-proxy", "auto", { "sidecar.istio.io/status": "{}" }) });
    expect(await askedImages(review)).toMatchObject({ images: ["auto", "good"], allowed: false });
  });

  it.each(["auto:latest", "docker.io/library/auto", "istio/auto", "Auto", "auto@sha256:00"])(
    "%s is no placeholder, and judged in a template",
    async (image) => {
      const template = { spec: { containers: [{ name: "istio-proxy", image }] } };
      const review = aReview({ kind: DEPLOYMENT, object: { spec: { template } } });
      expect(await askedImages(review)).toMatchObject({ images: [image], allowed: false });
    },
  );
});
