import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

describe("A1: images in lists that nobody looks at", () => {
  it.each(["containers", "initContainers", "ephemeralContainers"])("looks at %s alone", async (list) => {
    const object = { spec: { [list]: [{ name: "x", image: "ghcr.io/acme/app:1" }] } };
    const { images, allowed } = await askedImages(aReview({ object }));
    expect([images, allowed]).toEqual([["ghcr.io/acme/app:1"], false]);
  });
});
