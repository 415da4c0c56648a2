import { describe, expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import type { ImageLine, InventoryLine } from "../inventory/lines.ts";
import { backfill } from "./backfill.ts";
import { readJournal, readStates } from "./journal.ts";
import { createKnownImages, isSettled } from "./known-images.ts";
import { type JudgedLine, STATES } from "./lines.ts";

const NOW = new Date("2026-11-30T10:00:00Z");
const IMAGE = { repository: "ghcr.io/acme/app", digest: digestOf("an image") };
const OTHER = { ...IMAGE, repository: "ghcr.io/acme/copy" };

function judged(more: Partial<JudgedLine> = {}): JudgedLine {
  const rest = { tags: [], children: [], sources: ["cluster" as const], reasons: [], at: NOW.toISOString() };
  return { kind: "judged", ...IMAGE, clock: "none", state: "promotable", ...rest, ...more };
}

async function* texts(...lines: readonly object[]): AsyncGenerator<string> {
  for (const line of lines) yield JSON.stringify(line);
}

const RUN = {
  kind: "run",
  version: 1,
  policy: "p",
  revocations: "r",
  namespace: "build",
  at: NOW.toISOString(),
};

describe("what is known of many images", () => {
  it.each(STATES.flatMap((state) => [undefined, 0, 1, 70_000].map((running) => ({ state, running }))))(
    "keeps $state of an image that runs $running times",
    ({ state, running }) => {
      const known = createKnownImages();
      known.set(IMAGE, { kind: "judged", state, running });
      expect(known.get(IMAGE)).toEqual({ state, running });
      expect(known.get(OTHER)).toBeUndefined();
      known.setRunning(IMAGE, 3);
      known.setRunning(OTHER, 3);
      expect([known.get(IMAGE), known.get(OTHER)]).toEqual([{ state, running: 3 }, undefined]);
    },
  );

  it("counts each image once, by what was said last", () => {
    const known = createKnownImages();
    known.set(IMAGE, { kind: "judged", state: "unknown", running: 2 });
    known.set(IMAGE, { kind: "judged", state: "promotable", running: 2 });
    known.set(OTHER, { kind: "older" });
    expect(known.counts()).toMatchObject({ promotable: 1, unknown: 0, older: 1 });
  });

  it.each([
    ["unknown", 0, false],
    ["promotable", 0, true],
    ["older", 0, true],
    ["older", undefined, true],
    ["older", 1, false],
  ] as const)("of %s with %s running now: settled is %s", (state, running, expected) => {
    expect(isSettled({ state, running: undefined }, running)).toBe(expected);
    expect(isSettled(undefined, running)).toBe(false);
  });
});

describe("a journal of which an image runs elsewhere now", () => {
  const line: ImageLine = {
    ...judged(),
    kind: "image",
    running: 3,
    places: ["Pod shop/web: web"],
  };
  async function* inventory(): AsyncGenerator<InventoryLine> {
    yield line;
    const sums = { images: 1, undated: 1, older: 0, attachments: 0, missed: 0 };
    yield { kind: "end", ...sums, at: NOW.toISOString() };
  }

  it("is continued without judging it again, and says what runs", async () => {
    const { known } = await readStates(texts(RUN, judged({ running: 1 })), "journal");
    const written: object[] = [];
    const sums = await backfill({
      lines: inventory(),
      known,
      journal: { append: (each) => void written.push(each) },
      judge: () => Promise.reject(new Error("it was judged again")),
      perHost: 1,
      now: () => NOW,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    });
    expect(sums.states.promotable).toBe(1);
    const read = await readJournal(texts(RUN, judged({ running: 1 }), ...written), "journal");
    expect([...read.images.values()]).toEqual([judged({ running: 3, places: ["Pod shop/web: web"] })]);
    const again = await readStates(texts(RUN, judged({ running: 1 }), ...written), "journal");
    expect(again.known.get(IMAGE)).toEqual({ state: "promotable", running: 3 });
  });
});
