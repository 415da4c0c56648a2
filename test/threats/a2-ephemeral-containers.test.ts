import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aPod, aReview } from "../support/review.ts";

const running = { spec: { containers: [{ name: "web", image: "good" }] } };
const debugged = { spec: { ...running.spec, ephemeralContainers: [{ name: "debug", image: "evil" }] } };

describe("A2: ephemeral containers", () => {
  it("are judged through the subresource that kubectl debug uses", async () => {
    const review = aReview({
      operation: "UPDATE",
      subResource: "ephemeralcontainers",
      object: debugged,
      oldObject: running,
    });
    expect(await askedImages(review)).toMatchObject({ images: ["evil"], allowed: false });
  });

  it("are judged in a pod's own update and creation", async () => {
    const update = aReview({ operation: "UPDATE", object: debugged, oldObject: running });
    expect((await askedImages(update)).images).toEqual(["evil"]);
    expect((await askedImages(aReview({ object: debugged }))).images).toEqual(["good", "evil"]);
  });

  it("do not open a way through other subresources, where no image can enter", async () => {
    const status = aReview({
      operation: "UPDATE",
      subResource: "status",
      object: aPod("x"),
      oldObject: aPod("y"),
    });
    expect(await askedImages(status)).toMatchObject({ images: [], allowed: true });
  });
});
