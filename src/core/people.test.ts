import { describe, expect, it } from "vitest";

import { isSamePerson } from "./people.ts";

describe("isSamePerson", () => {
  it.each([
    ["ana", "Ana@acme.test"],
    ["ana", "@ana"],
    ["ana", "@@ana"],
    ["ana", "@ @ana"],
    ["ana", " ana "],
    ["ana", "oidc:ana"],
    ["ana", "oidc: ana@acme.test"],
    ["ana", "oidc:@ana"],
    ["ana", "ana @acme.test"],
    ["ana", "ana@acme.test/"],
    ["ana", "ana@acme.test:/ "],
    ["ana", "ACME\\ana"],
    ["ana", "https://sso.acme.test#ana"],
    ["ana", "auth0|ana"],
    ["ana", "ana+2@acme.test"],
    ["ana", "ana +2@acme.test"],
    ["ana", "ana+2"],
    ["ana", "Ana Silva <ana@acme.test>"],
    ["ana", "ａｎａ＠acme.test"],
    ["ana@acme.test", "ana@acme.example"],
    ["ana+1@acme.test", "ana+2@acme.test"],
    ["x/@acme", "y/@acme"],
    ["+ana@acme.test", "ana"],
    ["###", "###"],
  ])("takes %j and %j for one person", (name, other) => {
    expect(isSamePerson(name, other)).toBe(true);
    expect(isSamePerson(other, name)).toBe(true);
  });

  it.each([
    ["ana", "anna"],
    ["ana", "ana-2@acme.test"],
    ["ana", "ana.silva@acme.test"],
    ["ana@acme.test", "mia@acme.test"],
    ["ana@acme.test", "acme.test"],
    ["oidc:ana", "oidc:mia"],
    ["a/ana", "a/mia"],
    ["ana:", "mia:"],
    ["ana/", "mia/"],
    ["Ana <ana@acme.test>", "Ana <mia@acme.test>"],
    ["+ana@acme.test", "+mia@acme.test"],
    ["ana@acme.test/mia", "ana"],
    ["#", "##"],
  ])("tells %j from %j", (name, other) => {
    expect(isSamePerson(name, other)).toBe(false);
    expect(isSamePerson(other, name)).toBe(false);
  });
});
