import { describe, expect, it } from "vitest";

import { digestOf } from "../core/index.ts";
import { runningPod } from "./running-pod.ts";

const APP = digestOf("app");

function pod(spec: object, status?: object): unknown {
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "shop" }, spec, status };
}

describe("a running pod", () => {
  it("names its volumes' images beside its containers', and what nodes say of the latter", () => {
    const spec = {
      serviceAccountName: "builder",
      imagePullSecrets: [{ name: "pull" }],
      initContainers: [{ name: "same", image: "acme/init:1" }],
      containers: [{ name: "same", image: "acme/app:1" }],
      ephemeralContainers: [{ name: "debug", image: "acme/debug:1" }],
      volumes: [{ name: "models", image: { reference: "acme/models:1" } }],
    };
    const status = {
      initContainerStatuses: [{ name: "same", imageID: `docker-pullable://acme/init@${digestOf("init")}` }],
      containerStatuses: [{ name: "same", imageID: `acme/app@${APP}` }],
      ephemeralContainerStatuses: [{ name: "debug", imageID: APP }],
    };
    expect(runningPod(pod(spec, status))).toEqual({
      namespace: "shop",
      name: "web",
      access: { serviceAccount: "builder", pullSecrets: ["pull"] },
      images: [
        { place: "same", image: `docker.io/acme/init@${digestOf("init")}`, running: digestOf("init") },
        { place: "same", image: `docker.io/acme/app@${APP}`, running: APP },
        { place: "debug", image: "acme/debug:1" },
        { place: 'image volume "models"', image: "acme/models:1" },
      ],
    });
  });

  it("a pod without a status: the images of its spec", () => {
    const { images } = runningPod(pod({ containers: [{ name: "c", image: "a" }] }));
    expect(images).toEqual([{ place: "c", image: "a" }]);
  });

  it.each([
    ["no pod spec", pod(undefined as never)],
    ["a status that cannot be read", pod({ containers: [] }, { containerStatuses: 1 })],
    ["no name", { metadata: {}, spec: {} }],
  ])("with %s is no pod", (_, value) => {
    expect(() => runningPod(value)).toThrow(/./);
  });
});
