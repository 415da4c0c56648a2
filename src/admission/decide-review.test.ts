import { describe, expect, it } from "vitest";

import { NOTHING_BESIDES } from "../../test/support/admission-deps.ts";
import { aPod, aReview } from "../../test/support/review.ts";
import { decideReview } from "./decide-review.ts";
import type { AdmissionDeps } from "./ports.ts";

const DEPS: AdmissionDeps = {
  ...NOTHING_BESIDES,
  gate: {
    admit: ({ mode }) =>
      Promise.resolve({ decision: "allow", mode: mode(), objections: [], waived: [], judged: [] }),
  },
};

describe("the answer to a review", () => {
  it.each(["11111111-2222-3333-4444-555555555555", "\u00e9", "\u200b1", "x".repeat(128)])(
    "has the uid %j of its request, as it was asked",
    async (uid) => {
      const bytes = Buffer.from(JSON.stringify(aReview({ uid, object: aPod("registry.example/a/b") })));
      const taken = { bytes, arrivedMs: 0 };
      const answer = await decideReview(
        taken,
        { pathMode: "enforce", timeout: "10s", limit: (_who, work) => work() },
        DEPS,
      );
      expect(answer?.response.uid).toBe(uid);
    },
  );
});
