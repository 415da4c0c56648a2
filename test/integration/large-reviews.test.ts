import { afterAll, describe, expect, it } from "vitest";

import { type Circumstances, decideReview } from "../../src/admission/decide-review.ts";
import { type AdmissionDeps, readWorkload } from "../../src/admission/index.ts";
import { Fault } from "../../src/core/index.ts";
import type { GateRequest } from "../../src/gate/index.ts";
import { createLargeReader } from "../../src/serve/reader/reader.ts";
import { NOTHING_BESIDES } from "../support/admission-deps.ts";
import { aPod, aReview } from "../support/review.ts";

const reader = createLargeReader();
afterAll(reader.close);

const UID = "11111111-2222-3333-4444-555555555555";
const CIRCUMSTANCES: Circumstances = { pathMode: "enforce", timeout: "10s", limit: (_, work) => work() };

/** A review of a pod whose volume has so many attributes. */
function withAttributes(
  count: number,
  key: (at: number) => string,
  images = ["ghcr.io/acme/app:v1"],
): Buffer {
  const volumeAttributes = Object.fromEntries(Array.from({ length: count }, (_, at) => [key(at), "v"]));
  const pod = aPod(...images) as { readonly spec: object };
  const object = {
    ...pod,
    spec: { ...pod.spec, volumes: [{ name: "x", csi: { driver: "d", volumeAttributes } }] },
  };
  return Buffer.from(JSON.stringify(aReview({ object })));
}

/** A review of a pod with a list of so many numbers. */
function withList(count: number): Buffer {
  const list = Array.from({ length: count }, () => 0);
  return Buffer.from(
    JSON.stringify(aReview({ object: { ...(aPod("ghcr.io/acme/app:v1") as object), list } })),
  );
}

interface Asked {
  readonly requests: Omit<GateRequest, "signal">[];
  /** Reviews that were read in the other thread. */
  readonly elsewhere: number[];
  readonly deps: AdmissionDeps;
}

function asked(
  readLarge: AdmissionDeps["readLarge"] = (namespace, ...input) =>
    reader.runFor(namespace, "readWorkload", ...input),
): Asked {
  const requests: Asked["requests"] = [];
  const elsewhere: number[] = [];
  const deps: AdmissionDeps = {
    ...NOTHING_BESIDES,
    gate: {
      admit: ({ signal: _signal, ...request }) => {
        requests.push(request);
        return Promise.resolve({
          decision: "allow",
          mode: "enforce",
          objections: [],
          waived: [],
          judged: [],
        });
      },
    },
    readLarge: (namespace, bytes, workloads) => {
      elsewhere.push(bytes.length);
      return readLarge(namespace, bytes, workloads);
    },
  };
  return { requests, elsewhere, deps };
}

function decide(bytes: Buffer, { deps }: Asked): ReturnType<typeof decideReview> {
  return decideReview({ bytes, arrivedMs: performance.now() }, CIRCUMSTANCES, deps);
}

describe("a review of more than 256 KiB", () => {
  it("is read in another thread, and asks of the gate what it would have asked in this one", async () => {
    const bytes = withAttributes(50_000, (at) => `key-${at}`, ["ghcr.io/acme/a:v1", "ghcr.io/acme/b:v2"]);
    const [large, here] = [asked(), asked()];
    expect(await decide(bytes, large)).toEqual(
      await decide(bytes, { ...here, deps: { ...here.deps, readLarge: undefined } as never }),
    );
    expect(large.elsewhere).toEqual([bytes.length]);
    expect(large.requests.map(({ mode, ...rest }) => ({ ...rest, mode: mode() }))).toEqual(
      here.requests.map(({ mode, ...rest }) => ({ ...rest, mode: mode() })),
    );
    expect(large.requests[0]?.subjects.map(({ image }) => image)).toEqual([
      "ghcr.io/acme/a:v1",
      "ghcr.io/acme/b:v2",
    ]);
  });

  it("of 200,000 attributes whose names have escapes is a fault with its uid, in another thread", async () => {
    const world = asked();
    const answer = await decide(
      withAttributes(200_000, (at) => `\n${at}`),
      world,
    );
    expect(world.elsewhere).toHaveLength(1);
    expect(answer?.response).toMatchObject({ uid: UID, allowed: false });
    expect(answer?.response.status?.message).toContain("more than 10000 keys written with escapes");
  });

  it("is refused with its uid where the other thread has no room for it, and let through in advisory", async () => {
    const full = asked(() =>
      Promise.reject(new Fault("limits/overloaded", "too many documents are being read; try again")),
    );
    const bytes = withAttributes(50_000, (at) => `key-${at}`);
    const answer = await decide(bytes, full);
    expect(answer?.response).toMatchObject({ uid: UID, allowed: false });
    expect(answer?.response.status?.message).toContain("too many documents are being read");
    const advisory = { ...CIRCUMSTANCES, pathMode: "advisory" } as const;
    const taken = { bytes, arrivedMs: performance.now() };
    expect((await decideReview(taken, advisory, full.deps))?.response).toMatchObject({
      uid: UID,
      allowed: true,
    });
  });

  it("that is no review is answered without a verdict", async () => {
    expect(await decide(Buffer.from(`{"x":"${"y".repeat(300_000)}"}`), asked())).toBeUndefined();
  });
});

it("a review of 256 KiB and less is read in this thread", async () => {
  const world = asked();
  const answer = await decide(
    withAttributes(5000, (at) => `key-${at}`),
    world,
  );
  expect([answer?.response.allowed, world.elsewhere]).toEqual([true, []]);
});

it("a review with 300,001 values and more is a fault that names the limit", () => {
  expect(readWorkload(withList(299_000), [])).toMatchObject({ isReview: true });
  expect(readWorkload(withList(301_000), [])).toMatchObject({
    isReview: false,
    uid: UID,
    fault: { code: "limits/exceeded", message: "the review cannot be read: more than 300000 values" },
  });
});
