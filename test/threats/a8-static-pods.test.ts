import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

describe("A8: static and mirror pods", () => {
  it("judges a mirror pod like any other: its annotation is no pass", async () => {
    const annotations = { "kubernetes.io/config.mirror": "x", "kubernetes.io/config.source": "file" };
    const object = { metadata: { annotations }, spec: { containers: [{ name: "x", image: "evil" }] } };
    expect(await askedImages(aReview({ object }))).toMatchObject({ images: ["evil"], allowed: false });
  });

  it("tells operators that what a node starts by itself is outside of admission", () => {
    expect(readFileSync("docs/guides/operator.md", "utf8")).toMatch(/static pods/i);
  });
});
