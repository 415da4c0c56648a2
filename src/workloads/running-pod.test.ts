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
        {
          place: "same",
          image: `docker.io/acme/init@${digestOf("init")}`,
          running: digestOf("init"),
          runningAs: `acme/init@${digestOf("init")}`,
          named: "acme/init:1",
          where: 'init container "same"',
          isStarted: true,
        },
        {
          place: "same",
          image: `docker.io/acme/app@${APP}`,
          running: APP,
          runningAs: `acme/app@${APP}`,
          named: "acme/app:1",
          where: 'container "same"',
          isStarted: true,
        },
        {
          place: "debug",
          image: "acme/debug:1",
          named: "acme/debug:1",
          where: 'ephemeral container "debug"',
          isStarted: true,
        },
        {
          place: 'image volume "models"',
          image: "acme/models:1",
          named: "acme/models:1",
          where: 'image volume "models"',
          isStarted: true,
        },
      ],
    });
  });

  it("a pod without a status: the images of its spec", () => {
    const { images } = runningPod(pod({ containers: [{ name: "c", image: "a" }] }));
    expect(images).toEqual([
      { place: "c", image: "a", named: "a", where: 'container "c"', isStarted: false },
    ]);
  });

  it("takes the digest of an image volume from a container that mounts it", () => {
    const spec = {
      containers: [{ name: "c", image: "a" }],
      volumes: [{ name: "v", image: { reference: "m:1" } }],
    };
    const mounted = { name: "v", volumeStatus: { image: { imageRef: `m@${APP}` } } };
    const status = {
      containerStatuses: [
        { name: "c", imageID: "", state: { running: {} }, volumeMounts: [{ name: "v" }, mounted] },
      ],
    };
    expect(runningPod(pod(spec, status)).images).toMatchObject([
      { named: "a", isStarted: true },
      { named: "m:1", running: APP, image: `docker.io/library/m@${APP}`, isStarted: true },
    ]);
  });

  it.each([
    ["waits", { waiting: { reason: "ImagePullBackOff" } }, false],
    ["runs", { running: { startedAt: "2026-11-30T00:00:00Z" } }, true],
    ["has ended", { terminated: { exitCode: 0 } }, true],
  ])("without an image id a container that %s has begun: %s %s", (_, state, isStarted) => {
    const status = { containerStatuses: [{ name: "c", imageID: "", state }] };
    const { images } = runningPod(pod({ containers: [{ name: "c", image: "a" }] }, status));
    expect(images).toMatchObject([{ isStarted }]);
  });

  it.each([
    ["no pod spec", pod(undefined as never)],
    ["a status that cannot be read", pod({ containers: [] }, { containerStatuses: 1 })],
    ["no name", { metadata: {}, spec: {} }],
  ])("with %s is no pod", (_, value) => {
    expect(() => runningPod(value)).toThrow(/./);
  });
});
