import { describe, expect, it } from "vitest";

import { compilePattern } from "../core/index.ts";
import { onlyText, searchPattern, wildcardText } from "./texts.ts";

function matches(pattern: string, text: string): boolean {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new Error(compiled.why);
  return compiled.pattern.matches(text);
}

describe("searchPattern", () => {
  it.each([
    ["acme/app", "https://github.com/acme/app/x", true],
    ["acme/app", "https://github.com/acme/other", false],
    ["^https://github.com/acme/", "https://github.com/acme/app", true],
    ["^https://github.com/acme/", "see https://github.com/acme/app", false],
    ["release$", "a release", true],
    ["release$", "a release of", false],
    [String.raw`costs 5\$`, "it costs 5$ today", true],
    ["^abc$|^def$", "def", true],
    ["^abc$|^def$", "xabc", false],
    ["^abc|def$", "abcx", true],
    ["^abc|def$", "xdef", true],
    ["^(?:abc|def)$", "def", true],
    ["^[|]a$", "|a", true],
  ])("%s finds what Go finds in %s: %s", (expression, text, found) => {
    expect(matches(searchPattern(expression).pattern, text)).toBe(found);
    expect(new RegExp(expression).test(text)).toBe(found);
  });
});

describe("onlyText", () => {
  it.each([
    [
      String.raw`^https://token\.actions\.githubusercontent\.com$`,
      "https://token.actions.githubusercontent.com",
    ],
    ["https://gitlab.com", "https://gitlab.com"],
    ["^https://(a|b)$", undefined],
    ["https://.*", undefined],
    ["https://a+", undefined],
    [String.raw`https://\w`, undefined],
    ["", undefined],
  ])("of %s is %s", (expression, only) => {
    expect(onlyText(expression)).toBe(only);
  });
});

describe("wildcardText", () => {
  it("quotes everything but its wildcards", () => {
    expect(wildcardText("https://a.test/x")).toBe("https://a.test/x");
    const { pattern } = wildcardText("https://a.test/*?x(1)") as { pattern: string };
    expect(matches(pattern, "https://a.test/b/cdx(1)")).toBe(true);
    expect(matches(pattern, "https://aXtest/b/cdx(1)")).toBe(false);
    expect(matches(pattern, "https://a.test/x(1)")).toBe(false);
  });
});
