import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CASES } from "../demo/cases.ts";
import { type Fixtures, prepareFixtures } from "../demo/fixtures.ts";
import type { Answer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { type RunningGate, startGate } from "../support/running-gate.ts";

/** What the texts of the demo answer: which image, what was wanted, what to do. */
describe("what the demo's ten cases say", () => {
  let fixtures: Fixtures;
  let gate: RunningGate;
  const answers = new Map<string, Answer>();

  beforeAll(async () => {
    fixtures = await prepareFixtures(new Date());
    const { registry, policy, waivers, images } = fixtures;
    gate = await startGate({ registries: [registry], policy, waivers });
    // in the order of the demo: in its last cases the registry is down
    for (const { title, image, mode, registryDown } of CASES) {
      if (registryDown === true) await registry.close();
      const review = aReview({ uid: "u", object: aPod(images[image]) });
      answers.set(title, await gate.post(`/validate/${mode}?timeout=10s`, review));
    }
  });
  afterAll(() => gate.stop());

  it.each(CASES)("$title: at most 600 characters, and 120 for a warning", (each) => {
    const image = fixtures.images[each.image];
    const { body } = answers.get(each.title)!;
    const { status, warnings = [] } = body.response!;
    for (const warning of warnings) {
      expect(warning.length).toBeLessThanOrEqual(120);
      expect(warning).toMatch(/[a-z]+\/[a-z-]+/);
      expect(/\(team-shop\).* until \d{4}-\S+Z/.test(warning)).toBe(warning.includes("waiver"));
    }
    expect(each.expect === "denied").toBe(status !== undefined);
    if (status === undefined) return;
    const { message } = status;
    expect(message.length).toBeLessThanOrEqual(600);
    const [first = "", ...lines] = message.split("\n");
    expect(first.startsWith(image.replace(/(@sha256:.{12}).*/, "$1"))).toBe(true);
    expect(lines.some((line) => /^ {2}- .+ \[[a-z]+\/[a-z-]+(?:, [a-z]+\/[a-z-]+)*\]$/.test(line))).toBe(
      true,
    );
    expect(lines.some((line) => line.startsWith("Do: "))).toBe(true);
    const ended = lines.filter((line) => line.startsWith("  - waiver "));
    expect(ended.filter((line) => !/Z: .*\bby release or operations \[/.test(line))).toEqual([]);
  });

  it("are ten", () => {
    expect(CASES).toHaveLength(10);
  });
});
