import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

const withVolume = (reference: string) => ({
  spec: { containers: [], volumes: [{ name: "m", image: { reference } }] },
});

describe("A3: OCI image volumes", () => {
  it("are judged like containers", async () => {
    const volumes = [
      { name: "models", image: { reference: "evil/models:1", pullPolicy: "Always" } },
      { name: "tmp", emptyDir: {} },
    ];
    const object = { spec: { containers: [{ name: "web", image: "good" }], volumes } };
    expect((await askedImages(aReview({ object }))).images).toEqual(["good", "evil/models:1"]);
  });

  it("are judged where an update changes their reference", async () => {
    const review = aReview({
      operation: "UPDATE",
      object: withVolume("evil"),
      oldObject: withVolume("good"),
    });
    expect((await askedImages(review)).images).toEqual(["evil"]);
  });
});
