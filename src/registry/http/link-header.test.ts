import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import { type Link, MAX_LINK_TEXT, parseLinks } from "./link-header.ts";

function link(target: string, ...relations: string[]): Link {
  return { target, relations, anchor: undefined };
}

describe("parseLinks", () => {
  it.each<[string, Link[]]>([
    ["", []],
    [" , ,\t,", []],
    ['</v2/a?from=1>; rel="next"', [link("/v2/a?from=1", "next")]],
    ["</a>;rel=next", [link("/a", "next")]],
    ['<https://x/y>\t;\tREL\t=\t"NEXT"', [link("https://x/y", "next")]],
    ['</a>; title="a, \\"b\\"; rel=prev"; rel=next', [link("/a", "next")]],
    ['</a>; rel="prefetch  next"', [link("/a", "prefetch", "next")]],
    ['</a>; rel=first; rel="next"', [link("/a", "first")]],
    ["</a>; rel=help, </b>; rel=next", [link("/a", "help"), link("/b", "next")]],
    [",</a>;rel=help,,</b>;rel=next,", [link("/a", "help"), link("/b", "next")]],
    ["</a,b;c>; rel=next", [link("/a,b;c", "next")]],
    ["<>; rel=self", [link("", "self")]],
    ["</a>; crossorigin; rel=preload; as=font;", [link("/a", "preload")]],
    ["</a>; type=text/css; rel=stylesheet", [link("/a", "stylesheet")]],
    ["</a>; title*=UTF-8'de'n%c3%a4chstes%20Kapitel; rel=next", [link("/a", "next")]],
    ["</a>; rel=https://example.test/rel", [link("/a", "https://example.test/rel")]],
    ['</a>; rel=next; anchor="#x"', [{ target: "/a", relations: ["next"], anchor: "#x" }]],
    ["</a>; __proto__=x; rel=next", [link("/a", "next")]],
  ])("reads %j", (text, links) => {
    expect(parseLinks(text)).toEqual(links);
  });

  it.each([
    "/a; rel=next",
    "</a; rel=next",
    "</a",
    "</a>",
    "</a>; title=x",
    "</a>; rel",
    "</a>; rel=",
    '</a>; rel=""',
    '</a>; rel="  "',
    '</a>; rel="next',
    '</a>; rel="next\\"',
    "</a>; rel=next rel=prev",
    "</a>; rel=next </b>; rel=prev",
    "</a> rel=next",
    "</a>; rel=help, next",
    "</a>; =next",
    "</a>; rél=next",
    "</a\u0000b>; rel=next",
    "é",
  ])("says of %j that it cannot be read", (text) => {
    expect(parseLinks(text)).toBeUndefined();
  });

  it("reads addresses up to the limit, and nothing of a longer header", () => {
    const [start, end] = ["<", ">; rel=next"];
    const address = "x".repeat(MAX_LINK_TEXT - start.length - end.length);
    expect(parseLinks(`${start}${address}${end}`)).toEqual([link(address, "next")]);
    expect(parseLinks(`${start}${address}x${end}`)).toBeUndefined();
  });
});

const SPACE = fc.stringMatching(/^[ \t]{0,3}$/);
const NAME = fc.stringMatching(/^[a-z][a-z0-9-]{0,8}$/).filter((name) => name !== "rel" && name !== "anchor");
const TYPES = fc.array(fc.stringMatching(/^[a-z][a-z0-9.:/-]{0,8}$/), { minLength: 1, maxLength: 3 });
const TARGET = fc.string({ unit: fc.constantFrom(..."/abc?=&;,%20#".split("")), maxLength: 30 });
const VALUE = fc.string({ unit: fc.constantFrom(...'abc,;<>="\\ é'.split("")), maxLength: 12 });

/** A value in quotes, each character escaped or not where both are legal. */
function quoted(value: string, escapes: boolean): string {
  return `"${value.replaceAll(escapes ? /[^]/g : /["\\]/g, "\\$&")}"`;
}

/** One link and one of its legal spellings. */
const SPELT = fc
  .record({
    target: TARGET,
    types: TYPES,
    before: fc.array(fc.tuple(NAME, fc.option(VALUE)), { maxLength: 3 }),
    after: fc.array(fc.tuple(NAME, VALUE), { maxLength: 2 }),
    space: SPACE,
    isUpper: fc.boolean(),
    escapes: fc.boolean(),
  })
  .map(({ target, types, before, after, space, isUpper, escapes }) => {
    const cased = (text: string): string => (isUpper ? text.toUpperCase() : text);
    const param = ([name, value]: [string, string | null]): string =>
      value === null ? cased(name) : `${cased(name)}${space}=${space}${quoted(value, escapes)}`;
    const rel = `${cased("rel")}${space}=${space}${quoted(cased(types.join(" ")), escapes)}`;
    const parts = [`<${target}>`, ...before.map(param), rel, ...after.map(param)];
    return { link: link(target, ...types), text: parts.join(`${space};${space}`) };
  });

describe("any legal spelling of a set of links", () => {
  it("gives the same links", () => {
    fc.assert(
      fc.property(fc.array(SPELT, { maxLength: 5 }), SPACE, fc.boolean(), (spelt, space, isLoose) => {
        const text = spelt.map((each) => each.text).join(`${space},${isLoose ? " ,," : ""}${space}`);
        expect(parseLinks(text)).toEqual(spelt.map((each) => each.link));
      }),
      { numRuns: 1000 },
    );
  });

  it("never loses a link to a cut or a change: each part is read, or the whole is not", () => {
    fc.assert(
      fc.property(fc.array(SPELT, { minLength: 1, maxLength: 3 }), fc.nat(200), (spelt, at) => {
        const text = spelt.map((each) => each.text).join(", ");
        const read = parseLinks(text.slice(0, at));
        if (read === undefined) return;
        expect(spelt.slice(0, read.length).map((each) => each.link.target)).toEqual(
          read.map(({ target }) => target),
        );
      }),
    );
  });
});
