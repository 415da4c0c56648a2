import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { compileGlob, compilePattern, exactly, type Pattern } from "./pattern.ts";

function glob(text: string): Pattern {
  const compiled = compileGlob(text);
  if (!compiled.ok) throw new Error(compiled.why);
  return compiled.pattern;
}

function whyNot(compiled: ReturnType<typeof compileGlob>): string | undefined {
  return compiled.ok ? undefined : compiled.why;
}

describe("compileGlob", () => {
  it.each([
    ["ghcr.io/acme/app", "ghcr.io/acme/app", true],
    ["ghcr.io/acme/app", "ghcr.io/acme/app2", false],
    ["ghcr.io/acme/app", "x.ghcr.io/acme/app", false],
    ["ghcr.io/acme/app", "ghcrxio/acme/app", false],
    ["ghcr.io/acme/*", "ghcr.io/acme/app", true],
    ["ghcr.io/acme/*", "ghcr.io/acme/team/app", false],
    ["ghcr.io/acme/*", "ghcr.io/acme/", true],
    ["ghcr.io/acme/**", "ghcr.io/acme/team/app", true],
    ["ghcr.io/acme/**", "ghcr.io/acme-evil/app", false],
    ["ghcr.io/acme*", "ghcr.io/acme-evil", true],
    ["ghcr.io/*/app", "ghcr.io/acme/app", true],
    ["ghcr.io/*/app", "ghcr.io/a/b/app", false],
    ["ghcr.io/**/app", "ghcr.io/a/b/app", true],
    ["*.example.com/app", "registry.example.com/app", true],
    ["*.example.com/app", "evil.io/registry.example.com/app", false],
    ["localhost:5000/**", "localhost:5000/a/b", true],
    ["[::1]:5000/*", "[::1]:5000/a", true],
    ["[::1]:5000/*", ":5000/a", false],
    ["**", "anything/at/all", true],
  ])("%s over %s is %s", (pattern, name, matches) => {
    expect(glob(pattern).matches(name)).toBe(matches);
  });

  it.each([
    ["", "characters other than"],
    ["ghcr.io/acme/***", "three stars"],
    ["ghcr.io/acme/app?", "characters other than"],
    ["ghcr.io/{a,b}/app", "characters other than"],
    ["ghcr.io/acme/app\n", "characters other than"],
    ["ghcr.io/acme/аpp", "characters other than"],
    ["a*".repeat(17), "stars"],
    ["a".repeat(513), "longer than 512"],
  ])("refuses %j: %s", (pattern, why) => {
    expect(whyNot(compileGlob(pattern))).toContain(why);
  });

  it("takes every text without a star literally", () => {
    const texts = fc.string({
      unit: fc.constantFrom(..."aZ0._-:/[]".split("")),
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, texts, (pattern, text) => {
        expect(glob(pattern).matches(text)).toBe(pattern === text);
        expect(glob(`${pattern}**`).matches(text)).toBe(text.startsWith(pattern));
        expect(glob(`*${pattern}`).matches(text)).toBe(
          text.endsWith(pattern) && !text.slice(0, text.length - pattern.length).includes("/"),
        );
      }),
    );
  });
});

describe("compilePattern", () => {
  it.each([
    ["^https://github\\.com/acme/[^/]+/\\.github/workflows/release\\.yml@refs/tags/v.*$", true],
    ["^(?i)HTTPS://github\\.com/acme/app/\\.github/workflows/release\\.yml@refs/tags/v1$", true],
    ["^https://github\\.com/acme/app$", false],
    ["^https://github\\.com|release\\.yml@refs/tags/v1$", false],
    ["^app/.*$", false],
    ["^https://github\\.com/acme/[a-z]{1,39}/[^@]{1,400}@refs/tags/v[0-9]{1,1000}$", true],
  ])("%s is compared with the whole text", (pattern, matches) => {
    const compiled = compilePattern(pattern);
    const identity = "https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1";
    expect(compiled.ok && compiled.pattern.matches(identity)).toBe(matches);
    expect(compiled.ok && compiled.pattern.source).toBe(pattern);
  });

  it.each([
    ["", "unanchored"],
    ["acme", "unanchored"],
    ["^acme", "unanchored"],
    ["acme$", "unanchored"],
    ["^.*$", "accepts anyone"],
    ["^.+$", "accepts anyone"],
    ["^$", "accepts anyone"],
    ["^(?s).*$", "accepts anyone"],
    ["^acme|.*$", "accepts anyone"],
    ["^https://.*$", "accepts anyone"],
    ["^[^@]+@[^@]+$", "accepts anyone"],
    ["^(acme$", "missing"],
    ["^(?=acme).*$", "invalid"],
    ["^(a)\\1$", "invalid"],
    ["^((a{1,1000}){1,1000}){1,1000}$", "too large"],
    [`^${"a{1000}".repeat(3)}$`, "too large"],
    [`^${"(a{1,30}){1,30}".repeat(30)}$`, "too large"],
    ["^acme(\\pL{101})$", "too large"],
    [`^${"a".repeat(512)}$`, "longer than 512"],
  ])("refuses %j: %s", (pattern, why) => {
    expect(whyNot(compilePattern(pattern))).toContain(why);
  });

  it("matches nothing in texts past its bound", () => {
    const compiled = compilePattern("^https://github\\.com/acme/a+$");
    const start = "https://github.com/acme/";
    expect(compiled.ok && compiled.pattern.matches(start + "a".repeat(2000))).toBe(true);
    expect(compiled.ok && compiled.pattern.matches(start + "a".repeat(2048))).toBe(false);
  });

  it("never throws", () => {
    const texts = fc.string({
      unit: fc.constantFrom(..."^$.*+?()[]{}|\\a1,:<P=!iQE".split("")),
      maxLength: 40,
    });
    fc.assert(
      fc.property(texts, (text) => {
        const compiled = compilePattern(`^${text}$`);
        expect(compiled.ok ? !compiled.pattern.matches("") : compiled.why.length > 5).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("exactly", () => {
  it("matches its own text and no other", () => {
    expect(exactly("a.b").matches("a.b")).toBe(true);
    expect(exactly("a.b").matches("axb")).toBe(false);
  });
});
