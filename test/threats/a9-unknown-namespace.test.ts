import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aPod, aReview } from "../support/review.ts";

const review = aReview({ object: aPod("evil") });

describe("A9: a namespace that cannot be looked up", () => {
  it("is judged in the mode of the webhook that the API server chose", async () => {
    expect(await askedImages(review, { path: "enforce" })).toMatchObject({ mode: "enforce", allowed: false });
    expect(await askedImages(review, { path: "advisory" })).toMatchObject({
      mode: "advisory",
      allowed: true,
    });
  });

  it("is never judged more softly than the webhook says", async () => {
    const softer = await askedImages(review, { path: "enforce", modeOf: () => "off" });
    expect(softer).toMatchObject({ mode: "enforce", allowed: false });
  });

  it("is judged more strictly where its label is known to ask for it", async () => {
    const stricter = await askedImages(review, { path: "advisory", modeOf: () => "enforce" });
    expect(stricter).toMatchObject({ mode: "enforce", allowed: false });
  });
});
