import { describe, expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import { createPodTally, type PodTally } from "./pod-tally.ts";

const REPOSITORY = "registry.example/team/app";
const [WEB, API, SIDE] = ["web", "api", "side"].map((name) => `${REPOSITORY}@${digestOf(name)}`) as [
  string,
  string,
  string,
];

interface PodChanges {
  readonly namespace?: string;
  readonly created?: string;
  readonly spec?: object;
  readonly status?: object;
}

function aPod(images: readonly string[], changes: PodChanges = {}): object {
  const { namespace = "shop", created = "2026-11-24T09:00:00Z", spec, status } = changes;
  return {
    metadata: { name: "web", namespace, creationTimestamp: created },
    spec: { containers: images.map((image, at) => ({ name: `c${at}`, image })), ...spec },
    ...(status && { status }),
  };
}

function tallyOf(...pods: readonly object[]): PodTally {
  const tally = createPodTally((namespace) => namespace !== "elsewhere");
  for (const pod of pods) tally.take(pod);
  return tally;
}

function imagesOf(tally: PodTally, most = 100): string[] {
  return tally.first(most).map(({ image }) => image);
}

describe("the images of running pods", () => {
  it("come by how many pods run them, of those alike the newest first", () => {
    const tally = tallyOf(
      aPod([API], { created: "2026-11-01T00:00:00Z" }),
      aPod([SIDE], { created: "2026-11-02T00:00:00Z" }),
      aPod([WEB], { created: "2026-10-01T00:00:00Z" }),
      aPod([WEB, WEB], { created: "2026-10-02T00:00:00Z" }),
    );
    expect(imagesOf(tally)).toEqual([WEB, SIDE, API]);
    expect(imagesOf(tally, 2)).toEqual([WEB, SIDE]);
    expect(imagesOf(tally, 0)).toEqual([]);
  });

  it("do not count where their namespace is not wanted", () => {
    expect(imagesOf(tallyOf(aPod([WEB], { namespace: "elsewhere" })))).toEqual([]);
  });

  it.each<[string, object]>([
    ["a container", aPod([WEB])],
    ["an init container", aPod([], { spec: { initContainers: [{ name: "i", image: WEB }] } })],
    ["an ephemeral container", aPod([], { spec: { ephemeralContainers: [{ name: "e", image: WEB }] } })],
    ["an image volume", aPod([], { spec: { volumes: [{ name: "v", image: { reference: WEB } }] } })],
    [
      "the status of a container by tag",
      aPod([`${REPOSITORY}:1`], {
        status: { containerStatuses: [{ name: "c0", imageID: `${REPOSITORY}@${digestOf("web")}` }] },
      }),
    ],
  ])("are found in %s", (_, pod) => {
    expect(imagesOf(tallyOf(pod))).toEqual([WEB]);
  });

  it.each<[string, unknown]>([
    ["by tag, and not pulled yet", aPod([`${REPOSITORY}:1`])],
    ["of a pod that cannot be read", { metadata: { name: "x", namespace: "shop" }, spec: { containers: 7 } }],
    ["of what is no pod", "pod"],
  ])("are none: %s", (_, pod) => {
    const tally = tallyOf();
    tally.take(pod);
    expect(imagesOf(tally)).toEqual([]);
  });

  it("come once for each namespace, with the credentials of a pod there, and of eight at most", () => {
    const spec = { serviceAccountName: "web", imagePullSecrets: [{ name: "pull" }] };
    const others = Array.from({ length: 10 }, (_, at) => aPod([WEB], { namespace: `n${at}` }));
    const places = tallyOf(aPod([WEB], { spec }), aPod([WEB]), ...others).first(1);
    expect(places[0]).toEqual({
      image: WEB,
      namespace: "shop",
      access: { namespace: "shop", serviceAccount: "web", pullSecrets: ["pull"] },
    });
    expect(places.map(({ namespace }) => namespace)).toEqual([
      "shop",
      "n0",
      "n1",
      "n2",
      "n3",
      "n4",
      "n5",
      "n6",
    ]);
  });

  it("are bounded in number, whatever runs", () => {
    const tally = createPodTally(() => true);
    for (let each = 0; each < 20_050; each += 50)
      tally.take(aPod(Array.from({ length: 50 }, (_, at) => `${REPOSITORY}@${digestOf(`${each + at}`)}`)));
    expect(tally.first(100_000)).toHaveLength(20_000);
  });
});
