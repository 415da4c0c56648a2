import { expect, it } from "vitest";

import { evidenceWorld, QUERY } from "../../../test/support/evidence-world.ts";
import { KeptEvidence } from "./kept-evidence.ts";

it("what a registry showed is open from the last time on that it asked for credentials, in whatever order that is learnt", () => {
  const collection = { query: QUERY, trust: evidenceWorld().deps.trust() };
  const kept = new KeptEvidence({ cacheEntries: 10, cacheFacts: 1000 });
  for (const askedAt of [10, 30, 20]) kept.learn(collection, new Date(askedAt));
  expect([15, 25, 30, 31].map((at) => kept.isStillOpen(collection, new Date(at)))).toEqual([
    false,
    false,
    false,
    true,
  ]);
});
