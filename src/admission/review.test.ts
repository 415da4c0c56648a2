import { describe, expect, it } from "vitest";

import { aPod, aReview } from "../../test/support/review.ts";
import { readReview } from "./review.ts";

/** A review of a pod whose volume has so many attributes, the name of each written with an escape. */
function withAttributes(count: number): Uint8Array {
  const volumeAttributes = Object.fromEntries(Array.from({ length: count }, (_, at) => [`\n${at}`, "v"]));
  const pod = aPod("app", "ghcr.io/acme/app:v1") as { readonly spec: object };
  const object = {
    ...pod,
    spec: { ...pod.spec, volumes: [{ name: "x", csi: { driver: "d", volumeAttributes } }] },
  };
  return Buffer.from(JSON.stringify(aReview({ object })));
}

describe("readReview", () => {
  it("reads a review of 10,000 keys with escapes", () => {
    expect(readReview(withAttributes(10_000)).ok).toBe(true);
  });

  it.each([10_001, 200_000])("reads none of %i: a fault with its uid that names the limit", (count) => {
    const read = readReview(withAttributes(count));
    expect(read).toMatchObject({
      ok: false,
      uid: expect.any(String),
      fault: {
        code: "limits/exceeded",
        message: "the review cannot be read: more than 10000 keys written with escapes",
      },
    });
  });

  it("a body that is nested without end is a fault that names the limit", () => {
    const text = `{"request":{"uid":"u1","x":${"[".repeat(1_000_000)}`;
    expect(readReview(Buffer.from(text))).toMatchObject({
      ok: false,
      uid: "u1",
      fault: { code: "limits/exceeded", message: "the review cannot be read: nested deeper than 1000" },
    });
  });
});
