import { describe, expect, it } from "vitest";

import { Fault } from "../core/index.ts";
import { LARGE_REVIEW, readPartly, type ReadPartsElsewhere, readReviewParts } from "./review-parts.ts";

const UID = "11111111-2222-3333-4444-555555555555";
const PARTS = [["data", "policy.yaml"]];

/** A review of a ConfigMap in the namespace `gate`, as the API server writes it. */
function review(data: object): Buffer {
  const request = {
    uid: UID,
    kind: { group: "", version: "v1", kind: "ConfigMap" },
    namespace: "gate",
    operation: "UPDATE",
    object: { metadata: { name: "mc-gate-policy" }, data },
    oldObject: { data: { "policy.yaml": "before" }, odd: [1, 2, 3] },
  };
  return Buffer.from(JSON.stringify({ apiVersion: "admission.k8s.io/v1", kind: "AdmissionReview", request }));
}

function reader(): { readonly elsewhere: ReadPartsElsewhere; readonly asked: [string, number][] } {
  const asked: [string, number][] = [];
  return {
    asked,
    elsewhere: (namespace, bytes, parts) => {
      asked.push([namespace, bytes.length]);
      return Promise.resolve(structuredClone(readReviewParts(bytes, parts)));
    },
  };
}

describe("a review that is read in part", () => {
  it.each([
    [LARGE_REVIEW, []],
    [LARGE_REVIEW + 1, [["gate", LARGE_REVIEW + 1]]],
  ])("of %i bytes is read in the other thread: %j", async (bytes, expected) => {
    const { elsewhere, asked } = reader();
    const data = { "policy.yaml": "after", other: "" };
    data.other = "x".repeat(bytes - review(data).length);
    const read = await readPartly(review(data), PARTS, elsewhere);
    expect(asked).toEqual(expected);
    expect(read).toMatchObject({ ok: true, request: { uid: UID, namespace: "gate" } });
    expect(read.ok && [read.request.object, read.request.oldObject]).toEqual([
      { data: { "policy.yaml": "after" } },
      { data: { "policy.yaml": "before" } },
    ]);
  });

  it("is a fault with its uid where the other thread gives it up", async () => {
    const fault = new Fault("limits/overloaded", "too many documents are being read; try again");
    const read = await readPartly(review({ a: "x".repeat(LARGE_REVIEW) }), PARTS, () =>
      Promise.reject(fault),
    );
    expect(read).toEqual({ ok: false, uid: UID, fault });
  });

  it("is a fault of the other thread's, as one of this thread", async () => {
    const { elsewhere } = reader();
    const bytes = Buffer.from(`{"request":{"uid":"${UID}"},"x":"${"x".repeat(LARGE_REVIEW)}"}`);
    const read = await readPartly(bytes, PARTS, elsewhere);
    expect(read.ok ? undefined : read.fault).toBeInstanceOf(Fault);
    expect(read).toEqual(await readPartly(bytes, PARTS, undefined));
  });

  it("is a fault where the parts that count have more than 50,000 values, whatever the others have", () => {
    const list = Array.from({ length: 50_001 }, () => 0);
    expect(readReviewParts(review({ "policy.yaml": "", list }), PARTS)).toMatchObject({ ok: true });
    expect(readReviewParts(review({ "policy.yaml": list }), PARTS)).toEqual({
      ok: false,
      uid: UID,
      fault: {
        code: "limits/exceeded",
        message: "the review cannot be read: its relevant parts have more than 50000 values",
      },
    });
  });
});
