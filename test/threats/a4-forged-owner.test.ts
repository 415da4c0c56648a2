import { describe, expect, it } from "vitest";

import { askedImages } from "../support/asked-images.ts";
import { aReview } from "../support/review.ts";

describe("A4: forged owner references", () => {
  it.each(["ReplicaSet", "DaemonSet", "Job", "Node"])("do not let a pod pass as %s's", async (kind) => {
    const ownerReferences = [{ apiVersion: "apps/v1", kind, name: "trusted", uid: "1", controller: true }];
    const object = { metadata: { ownerReferences }, spec: { containers: [{ name: "x", image: "evil" }] } };
    expect(await askedImages(aReview({ object }))).toMatchObject({ images: ["evil"], allowed: false });
  });
});
