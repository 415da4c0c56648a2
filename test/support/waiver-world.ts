import type { Digest } from "../../src/core/index.ts";
import { aPod, aReview, type ReviewOptions } from "./review.ts";
import type { RunningGate } from "./running-gate.ts";
import { type SignedWorld, signedWorld } from "./signed-world.ts";

/** A running gate whose policy asks for signatures, an image without any, and waivers that a test writes. */
export interface WaiverWorld extends SignedWorld {
  readonly gate: RunningGate;
  /** An image of acme/app that nobody signed. */
  readonly unsigned: Digest;
  /** The gate's clock. */
  readonly clock: { now: Date };
  /** Puts waivers in force; returns the ids of those that count. */
  readonly waive: (...waivers: readonly object[]) => string[];
  /** The answer about a pod with the unsigned image, in enforce unless told otherwise. */
  readonly decide: (asked?: Asked) => Promise<Answer>;
  readonly close: () => Promise<void>;
}

type Answer = NonNullable<Awaited<ReturnType<RunningGate["post"]>>["body"]["response"]>;

/** What a test says about a review. */
export interface Asked extends Pick<ReviewOptions, "namespace" | "object"> {
  readonly mode?: "enforce" | "advisory";
  readonly repository?: string;
}

/** When a world begins: within the life of its waivers. */
export const BEGIN = new Date("2026-11-24T09:00:00Z");

/** A waiver of a missing signature, from an hour before BEGIN to an hour after it. */
export function aWaiver(digest: Digest, differing: object = {}): object {
  return {
    id: "W-1",
    class: "signature",
    digest,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T08:00:00Z",
    expires: "2026-11-24T10:00:00Z",
    ...differing,
  };
}

/** Starts a registry, a Sigstore instance and a gate. */
export async function waiverWorld(): Promise<WaiverWorld> {
  const world = await signedWorld();
  const { registry } = world;
  const unsigned = registry.pushImage("acme/app");
  const clock = { now: BEGIN };
  const gate = await world.start({ now: () => clock.now });
  return {
    ...world,
    gate,
    unsigned,
    clock,
    waive: (...waivers) => {
      gate.waivers.offer(JSON.stringify({ waivers }));
      return gate.waivers.current()!.waivers.map(({ id }) => id);
    },
    decide: async ({ mode = "enforce", repository = "acme/app", ...asked } = {}) => {
      const object = aPod(`${registry.host}/${repository}@${unsigned}`);
      return (await gate.post(`/validate/${mode}`, aReview({ object, ...asked }))).body.response!;
    },
    close: async () => {
      await gate.stop();
      await registry.close();
    },
  };
}
