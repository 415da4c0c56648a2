import { describe, expect, it } from "vitest";

import { createDocumentFeed } from "./document-feed.ts";

/** A feed whose long texts are read when the test says so. */
function feed(): { push: (text: string) => void; read: string[]; finish: () => Promise<void> } {
  const read: string[] = [];
  let waiting: (() => void) | undefined;
  const push = createDocumentFeed({
    small: 5,
    readSmall: (text) => void read.push(text),
    readLarge: async (text) => {
      await new Promise<void>((resolve) => (waiting = resolve));
      read.push(text);
    },
  });
  const finish = async (): Promise<void> => {
    waiting?.();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { push, read, finish };
}

describe("the feed of a document", () => {
  it("reads a short text at once", () => {
    const { push, read } = feed();
    push("short");
    expect(read).toEqual(["short"]);
  });

  it("of ten long texts that come while one is read reads the newest alone", async () => {
    const { push, read, finish } = feed();
    for (let at = 0; at <= 10; at += 1) push(`long text ${at}`);
    await finish();
    await finish();
    await finish();
    expect(read).toEqual(["long text 0", "long text 10"]);
  });

  it("reads a short text after the long one that came before it", async () => {
    const { push, read, finish } = feed();
    push("long text");
    push("short");
    expect(read).toEqual([]);
    await finish();
    await finish();
    expect(read).toEqual(["long text", "short"]);
    push("again");
    expect(read).toEqual(["long text", "short", "again"]);
  });
});
