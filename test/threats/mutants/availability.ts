import type { Mutants } from "./mutant.ts";

/** G: availability as a way past the gate. */
export const AVAILABILITY: Mutants = {
  G43: [
    {
      file: "src/registry/http/body.ts",
      from: "if (Math.max(whole.bytes.length + chunk.length, announced) > limit)",
      to: "if (whole.bytes.length + chunk.length > limit * 64)",
    },
    {
      file: "src/registry/http/body.ts",
      from: 'if (coding !== "identity") throw',
      to: 'if (coding === "br") throw',
    },
    {
      file: "src/registry/http/redirects.ts",
      from: "if (hops >= settings.limits.redirects)",
      to: "if (hops >= settings.limits.redirects * 10)",
    },
  ],
  G44: [
    {
      file: "src/admission/deadline.ts",
      from: "return total - Math.max(MIN_MARGIN_MS, total * MARGIN);",
      to: "return total + 500 + Math.min(MIN_MARGIN_MS, total * MARGIN);",
    },
  ],
  G45: [
    {
      file: "src/metrics/create-metrics.ts",
      from: 'return seen.has(value) ? value : "other";',
      to: "return value;",
    },
  ],
};
