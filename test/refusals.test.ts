import { globSync, readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { FAULTS, FINDINGS } from "../src/core/index.ts";

const PAGE = readFileSync("docs/guides/refusals.md", "utf8");
/** Every message and warning of the golden answers: what the gate really writes. */
const WRITTEN = globSync("test/golden/cases/*.response.json").flatMap((path) => {
  const { response } = JSON.parse(readFileSync(path, "utf8")) as {
    readonly response: { readonly status?: { readonly message?: string }; readonly warnings?: string[] };
  };
  return [response.status?.message ?? "", ...(response.warnings ?? [])];
});
const QUOTES = [...PAGE.matchAll(/^```text\n(.+)\n```$/gm)].map(([, quote = ""]) => quote);
const CODES = [...Object.keys(FINDINGS), ...Object.keys(FAULTS)];

describe("the page of refusals", () => {
  it.each(QUOTES)("quotes what the gate writes: %s", (quote) => {
    const parts = quote.split(" … ");
    const found = WRITTEN.filter((text) => parts.every((part) => text.includes(part)));
    expect(found, "no golden answer has it").not.toEqual([]);
  });

  it("quotes many messages, and names only codes that exist", () => {
    expect(QUOTES.length).toBeGreaterThan(15);
    const named = [...PAGE.matchAll(/[`[]([a-z]+\/[a-z-]+)[`,\]]/g)].map(([, code = ""]) => code);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((code) => !CODES.includes(code))).toEqual([]);
  });

  it.each(CODES)("has a situation for %s, which a team may see", (code) => {
    const situations = PAGE.split(/^### /m).slice(1);
    expect(situations.filter((text) => new RegExp(`[\`[ ]${code}[\`\\],]`).test(text))).not.toEqual([]);
  });

  it("says for each situation why, what to do and who can help", () => {
    const situations = PAGE.split(/^### /m).slice(1);
    expect(situations.length).toBeGreaterThan(20);
    const lacking = situations.filter((text) =>
      ["**Why.**", "**What to do.**", "**Who can help.**"].some((part) => !text.includes(part)),
    );
    expect(lacking.map((text) => text.split("\n", 1)[0])).toEqual([]);
  });
});
