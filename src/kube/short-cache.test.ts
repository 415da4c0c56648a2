import { describe, expect, it } from "vitest";

import { createShortCache } from "./short-cache.ts";

describe("the short cache", () => {
  it("keeps at most 256 answers, and forgets the oldest", async () => {
    let asked = 0;
    const { get } = createShortCache<number>(() => new Date(0));
    const ask = (key: string): Promise<number> => get(key, () => Promise.resolve(++asked));
    for (let each = 0; each < 257; each++) await ask(String(each));
    await ask("256");
    await ask("1");
    expect(asked).toBe(257);
    await ask("0");
    expect(asked).toBe(258);
  });

  it("keeps a failure for ten seconds, for all who ask", async () => {
    let at = 0;
    let asked = 0;
    const { get } = createShortCache<number>(() => new Date(at));
    const ask = (): Promise<number> => get("key", () => Promise.reject(new Error(`failure ${++asked}`)));
    await Promise.all([1, 2].map(() => expect(ask()).rejects.toThrow("failure 1")));
    at = 9999;
    await expect(ask()).rejects.toThrow("failure 1");
    at = 10_000;
    await expect(ask()).rejects.toThrow("failure 2");
  });
});
