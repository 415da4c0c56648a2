import { describe, expect, it } from "vitest";

import { boundedBytes } from "./bounded-bytes.ts";

describe("boundedBytes", () => {
  it.each([
    ["nothing", [], ""],
    ["as many bytes as there may be, in several parts", ["ab", "", "cd"], "abcd"],
    ["one byte more", ["abc", "de"], undefined],
    ["one part that is larger", ["abcde"], undefined],
  ])("%s", async (_, parts, expected) => {
    const bytes = await boundedBytes(streamOf(parts), 4);
    expect(bytes?.toString("utf8")).toBe(expected);
  });

  it("reads no further than it has to, and lets the stream end", async () => {
    const seen: string[] = [];
    expect(await boundedBytes(streamOf(["abc", "de", "f"], seen), 4)).toBeUndefined();
    expect(seen).toEqual(["abc", "de", "closed"]);
  });

  it("rejects with what the stream fails with", async () => {
    const broken = new ReadableStream<Uint8Array>({ start: (each) => each.error(new Error("hung up")) });
    await expect(boundedBytes(broken, 4)).rejects.toThrow("hung up");
  });
});

async function* streamOf(parts: readonly string[], seen: string[] = []): AsyncGenerator<Uint8Array> {
  try {
    for (const part of parts) {
      seen.push(part);
      yield await Promise.resolve(Buffer.from(part));
    }
  } finally {
    seen.push("closed");
  }
}
