import { describe, expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import { createRunningImages } from "./running-images.ts";

const SPEC = `registry.example/app@${digestOf("app")}`;
const TAG = "registry.example/side:1";
const STATUS = { containerStatuses: [{ name: "c1", imageID: `registry.example/side@${digestOf("side")}` }] };

function pod(...images: readonly unknown[]): object {
  const containers = images.map((image, at) => ({ name: `c${at}`, image }));
  return { metadata: { name: "web", namespace: "shop" }, spec: { containers }, status: STATUS };
}

function imagesOf(...pods: readonly object[]): Promise<readonly string[]> {
  const list = createRunningImages((take, namespace) => {
    if (namespace === "shop") pods.forEach(take);
    return Promise.resolve();
  });
  return list("shop");
}

describe("the images that pods run", () => {
  it("are those of their specs, once each, and none that a status says", async () => {
    expect(await imagesOf(pod(SPEC, TAG), pod(SPEC))).toEqual([SPEC, TAG]);
  });

  it("are not known where one pod cannot be read", async () => {
    await expect(imagesOf(pod(SPEC), pod(7))).rejects.toMatchObject({ name: "Fault" });
  });
});
