import { describe, expect, it } from "vitest";

import { allowsRepository, sameRepository, seemSameRepository } from "./repositories.ts";

describe("sameRepository", () => {
  it.each([
    ["https://git.example/a/b", "https://GIT.example/A/b.git", true],
    ["git@git.example:a/b.git", "ssh://git@git.example/a/b", true],
    ["https://git.example/a/b", "https://git.example/a/b2", false],
    ["https://git.example/a/b", "http://git.example/a/b", false],
    ["https://git.example/a/b.git", "https://git.example/a/b.git.git", false],
    [" https://git.example/a", "https://git.example/a", true],
  ])("%s and %s: %s", (one, other, same) => expect(sameRepository(one, other)).toBe(same));
});

describe("seemSameRepository", () => {
  it.each([
    ["git@git.example:a/b.git", "https://git.example/a/b", true],
    ["ssh://git@git.example:2222/a/b", "https://git.example/a/b", true],
    ["http://git.example/a/b", "https://user@git.example:8443/a/b.git", true],
    ["https://git.example/a/b", "https://git.example/a/b.git", false],
    ["https://git.example/a/b", "https://git.example/a/c", false],
    ["https://git.example/a/b", "https://other.example/a/b", false],
    ["git@git.example:b", "https://git.example/a/b", false],
  ])("%s and %s: %s", (one, other, seems) => expect(seemSameRepository(one, other)).toBe(seems));
});

describe("allowsRepository", () => {
  const repository = "https://git.example/platform/hook";

  it.each([
    [[], false],
    [["*"], true],
    [["https://git.example/platform/hook.git"], true],
    [["https://git.example/platform/*"], true],
    [["https://git.example/*"], false],
    [["https://git.example/**"], true],
    [["https://*/platform/hook"], true],
    [["https://git.example/*/hoo*k"], true],
    [["https://git.example/platform/hook/*"], false],
    [["*", "!https://git.example/platform/*"], false],
    [["!https://git.example/shop/*", "*"], true],
    [["!https://git.example/shop/*"], false],
    [["https://git.example/platform/h?ok"], undefined],
    [["https://git.example/[a-z]*/hook", "*"], true],
    [["*", "!https://git.example/{a,b}/*"], undefined],
    [["!*"], false],
  ])("%j: %s", (list, allowed) => expect(allowsRepository(list, repository)).toBe(allowed));

  it("compares addresses of ssh as Argo CD does", () => {
    expect(allowsRepository(["git@git.example:platform/*"], "ssh://git@git.example/platform/hook.git")).toBe(
      true,
    );
  });

  it("ends soon with any number of stars", () => {
    const stars = `${"*a".repeat(900)}b`;
    expect(allowsRepository([stars], `https://${"a".repeat(900)}`)).toBe(false);
  });
});
