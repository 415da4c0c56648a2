import { describe, expect, it } from "vitest";

import { growth, problemsOf, type SoakRecord } from "../../bench/soak/judge.ts";
import type { Sample } from "../../bench/soak/samples.ts";
import { type Answered, type Deserving, type Outcome, outcomeOf } from "../support/outcome.ts";

describe("how a review came out", () => {
  const finding: Answered = {
    allowed: false,
    message: "x is refused: none [signature/missing, rule acme]. Sign it.",
  };
  const fault: Answered = {
    allowed: false,
    message: "x could not be checked: down [registry/unavailable]. Retry.",
  };
  it.each<[Deserving, Answered, Outcome]>([
    ["unsigned", { allowed: true, message: "" }, "wrong-admission"],
    ["unsigned", finding, "refused"],
    ["unsigned", fault, "fault"],
    ["signed", { allowed: true, message: "" }, "admitted"],
    ["signed", finding, "wrong-refusal"],
    ["signed", fault, "fault"],
    ["seen", fault, "wrong-refusal"],
    ["seen", { allowed: false, message: "no" }, "no-reason"],
    ["signed", { allowed: false, message: "no [made/up]" }, "no-reason"],
    ["seen", undefined, "failed"],
  ])("%s, %o: %s", (image, answer, outcome) => {
    expect(outcomeOf(image, answer)).toBe(outcome);
  });
});

describe("the judgement on a soak", () => {
  const flat: Sample = {
    at: 0,
    residentMib: 200,
    heapMib: 40,
    externalMib: 10,
    descriptors: 60,
    loopP99Ms: 12,
    loopMaxMs: 20,
    cpuMs: 0,
  };
  function soak(
    change: Partial<SoakRecord> = {},
    sample: (at: number) => Partial<Sample> = () => ({}),
  ): SoakRecord {
    const samples = Array.from({ length: 100 }, (_, at) => ({ ...flat, at, ...sample(at) }));
    const tally = { counts: { admitted: 10, refused: 2, fault: 1 }, complaints: [] };
    return { minutes: 60, samples, tally, cries: [], ended: false, busy: false, ...change };
  }

  it("measures growth over the second half alone, whatever jitters", () => {
    const { samples } = soak({}, (at) => ({ residentMib: at < 50 ? 4 * at : 200 + (at - 50) + (at % 2) }));
    expect(growth(samples, ({ residentMib }) => residentMib)).toBeCloseTo(49, 0);
  });

  it("passes one that stays what it was", () => {
    expect(problemsOf(soak({}, (at) => ({ residentMib: 200 + 10 * Math.sin(at) })))).toEqual([]);
  });

  it("allows a short one the cache of evidence that is still filling, and connections that come and go", () => {
    expect(problemsOf(soak({ minutes: 1 }, (at) => ({ residentMib: 200 + at * 0.9 })))).toEqual([]);
    expect(problemsOf(soak({}, (at) => ({ descriptors: at > 90 && at % 5 > 0 ? 200 : 60 })))).toEqual([]);
  });

  const lost = (busy: boolean, failed: number): SoakRecord =>
    soak({ busy, tally: { counts: { admitted: 90, refused: 10, failed }, complaints: [] } });

  it("allows one on a machine with other work a tenth of answers that did not come in time", () => {
    expect(problemsOf(lost(true, 10))).toEqual([]);
  });

  it.each<[string, SoakRecord, RegExp]>([
    ["an answer that did not come", lost(false, 1), /1 times failed/],
    ["many that did not come, whatever else the machine did", lost(true, 20), /20 times failed/],
    ["memory that grows", soak({}, (at) => ({ residentMib: 200 + at })), /resident memory grew by 49/],
    ["descriptors that leak", soak({}, (at) => ({ descriptors: 60 + at / 2 })), /descriptors more/],
    ["an unhandled rejection", soak({ cries: ["stopping"] }), /the log says: stopping/],
    ["a gate that ended", soak({ ended: true }), /ended by itself/],
    ["no samples", soak({ samples: [] }), /0 samples/],
    ["no load", soak({ tally: { counts: {}, complaints: [] } }), /nothing was admitted/],
    [
      "a wrong admission",
      soak({ tally: { counts: { admitted: 1, refused: 1, "wrong-admission": 1 }, complaints: ["why"] } }),
      /1 times wrong-admission/,
    ],
  ])("fails on %s", (_, record, problem) => {
    expect(problemsOf(record).join("\n")).toMatch(problem);
  });
});
