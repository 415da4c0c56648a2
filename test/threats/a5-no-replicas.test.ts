import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

const deployment = (replicas: number, image: string) => ({
  spec: { replicas, template: { spec: { containers: [{ name: "x", image }] } } },
});
const kind = { group: "apps", version: "v1", kind: "Deployment" };

describe("A5: replicas 0, then a scale", () => {
  it("judges a workload that runs nothing yet", async () => {
    const template = { spec: { containers: [{ name: "x", image: "evil" }] } };
    const object = { spec: { replicas: 0, template } };
    expect(await askedImages(aReview({ kind, object }))).toMatchObject({ images: ["evil"], allowed: false });
  });

  it("judges a new image that comes along with a scale down to 0", async () => {
    const review = aReview({
      kind,
      operation: "UPDATE",
      object: deployment(0, "evil"),
      oldObject: deployment(3, "good"),
    });
    expect((await askedImages(review)).images).toEqual(["evil"]);
  });
});
