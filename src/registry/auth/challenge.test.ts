import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { parseChallenges } from "./challenge.ts";

const HUB =
  'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull"';

function write({ scheme, params }: { scheme: string; params: Record<string, string> }): string {
  const parts = Object.entries(params).map(
    ([key, value]) => `${key}="${value.replaceAll(/["\\]/g, "\\$&")}"`,
  );
  return `${scheme} ${parts.join(", ")}`.trim();
}

describe("parseChallenges", () => {
  it.each([
    ["", []],
    [
      HUB,
      [
        [
          "bearer",
          {
            realm: "https://auth.docker.io/token",
            service: "registry.docker.io",
            scope: "repository:a/b:pull",
          },
        ],
      ],
    ],
    ['Basic realm="a, b"', [["basic", { realm: "a, b" }]]],
    ["BASIC REALM=plain", [["basic", { realm: "plain" }]]],
    ['Basic realm="say \\"hi\\" \\\\"', [["basic", { realm: 'say "hi" \\' }]]],
    ['Basic realm = "spaced" , charset="UTF-8"', [["basic", { realm: "spaced", charset: "UTF-8" }]]],
    [
      'Negotiate, Basic realm="x", Bearer realm="y",service="z"',
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
        ["bearer", { realm: "y", service: "z" }],
      ],
    ],
    [
      "Negotiate abc/def==, Basic realm=x",
      [
        ["negotiate", {}],
        ["basic", { realm: "x" }],
      ],
    ],
    [", ,, Basic", [["basic", {}]]],
    ['Bearer realm="first",realm="second"', [["bearer", { realm: "first" }]]],
    ['Bearer realm="open', [["bearer", {}]]],
    ['realm="no scheme"', []],
    ["Bearer realm=", [["bearer", {}]]],
    ["Bearer __proto__=x", [["bearer", { ["__proto__"]: "x" }]]],
    ["é Basic", []],
  ])("%s", (text, expected) => {
    expect(parseChallenges(text).map(({ scheme, params }) => [scheme, { ...params }])).toEqual(expected);
  });

  it("reads nothing of a text longer than 8 KiB", () => {
    expect(parseChallenges(`Basic realm="${"x".repeat(8192)}"`)).toEqual([]);
  });

  it("reads back what is written", () => {
    const name = fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/);
    const challenge = fc.record({ scheme: name, params: fc.dictionary(name, fc.string({ maxLength: 30 })) });
    fc.assert(
      fc.property(fc.array(challenge, { maxLength: 5 }), (challenges) => {
        const parsed = parseChallenges(challenges.map(write).join(", "));
        expect(parsed.map(({ scheme, params }) => ({ scheme, params: { ...params } }))).toEqual(
          challenges.map(({ scheme, params }) => ({ scheme, params: { ...params } })),
        );
      }),
    );
  });

  it("never throws", () => {
    const hostile = fc.array(fc.constantFrom('"', "\\", ",", "=", " ", "a", "b", "~", "\t", "é"), {
      maxLength: 8192,
    });
    const texts = fc.oneof(
      fc.string({ maxLength: 8192 }),
      hostile.map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseChallenges(text)).toBeInstanceOf(Array);
      }),
    );
  });
});
