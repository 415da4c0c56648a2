import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

const spec = (image: string) => ({ containers: [{ name: "x", image }] });
const deletionTimestamp = "2026-11-24T09:00:00Z";

describe("A6: deletion timestamps", () => {
  it("do not let a creation pass that claims to be a deletion", async () => {
    const object = { metadata: { deletionTimestamp }, spec: spec("evil") };
    expect(await askedImages(aReview({ object }))).toMatchObject({ images: ["evil"], allowed: false });
  });

  it("do not let an update pass that only claims it in the new object", async () => {
    const object = { metadata: { deletionTimestamp }, spec: spec("evil") };
    const review = aReview({ operation: "UPDATE", object, oldObject: { metadata: {}, spec: spec("good") } });
    expect((await askedImages(review)).images).toEqual(["evil"]);
  });

  it("let finalizers be removed from what is really being deleted, whatever it names", async () => {
    const oldObject = { metadata: { deletionTimestamp, finalizers: ["a"] }, spec: spec("evil") };
    const object = { metadata: { deletionTimestamp }, spec: spec("evil") };
    expect(await askedImages(aReview({ operation: "UPDATE", object, oldObject }))).toMatchObject({
      images: [],
      allowed: true,
    });
  });

  it("never stand in the way of a deletion itself", async () => {
    const review = aReview({ operation: "DELETE", oldObject: { spec: spec("evil") } });
    expect(await askedImages(review)).toMatchObject({ images: [], allowed: true });
  });
});
