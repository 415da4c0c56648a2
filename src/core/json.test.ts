import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";

import { JsonLimitError, parseJson, parseJsonFields, readJson } from "./json.ts";

/** Few characters, so that keys meet again and again with different escapes. */
const KEY = fc.string({
  unit: fc.constantFrom("a", "u", "0", '"', "\\", "\n", "/", "<", ":", "\u00e9"),
  maxLength: 6,
});
const { value: VALUE } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.jsonValue({ maxDepth: 0 }),
    KEY,
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(KEY, tie("value"), { maxKeys: 4 }),
  ),
}));

/** JSON in which each character is written in a way of its own, with spaces where they may be. */
function written(value: unknown): string {
  if (typeof value === "string") return `"${value.split("").map(escaped).join("")}"`;
  if (Array.isArray(value)) return `[ ${value.map(written).join(" ,\n")} ]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).map(([key, each]) => `${written(key)}\t:\r\n${written(each)}`);
  return `{ ${fields.join(" , ")} }`;
}

function escaped(char: string, at: number): string {
  const code = char.charCodeAt(0);
  const plain = JSON.stringify(char).slice(1, -1);
  return at % 2 === 0 ? `\\u${code.toString(16).padStart(4, "0")}` : plain;
}

/** By entries, since toEqual would pass over a key such as __proto__. */
function entriesOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(entriesOf);
  if (typeof value !== "object" || value === null) return Object.is(value, -0) ? 0 : value;
  return { fields: Object.entries(value).map(([key, each]) => [key, entriesOf(each)]) };
}

/** Fields whose names need an escape, each another one. */
function escapedFields(count: number): string {
  return Array.from({ length: count }, (_, at) => `"\\n${at}":0`).join(",");
}

/** A list that has so many values with itself. */
function listOfTexts(values: number): string {
  return `[${'"aaaaaaaa",'.repeat(values - 2)}0]`;
}

describe("parseJson", () => {
  it("reads what was written, whatever was read before", () => {
    fc.assert(
      fc.property(VALUE, (value) => {
        const wanted = entriesOf(
          JSON.parse(JSON.stringify(value, null, 0) ?? "null") === null ? null : value,
        );
        expect(entriesOf(parseJson(JSON.stringify(value)))).toEqual(wanted);
        expect(entriesOf(parseJson(written(value)))).toEqual(wanted);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["an escaped quote", '{"h":[],"\\\\":0}', '{"h":1,"\\"":2}', ["h", '"']],
    ["a line break", '{"h":[],"\\\\":0}', '{"h":1,"\\n":2}', ["h", "\n"]],
    ["a letter written as its number", '{"x":[],"im\\\\u0":0}', '{"x":1,"im\\u0061ge":2}', ["x", "image"]],
  ])("reads a key with %s as it is, after a document with the same raw text", (_, poison, text, keys) => {
    JSON.parse(poison);
    expect(Object.keys(parseJson(text) as object)).toEqual(keys);
  });

  it.each([
    [
      "fields in their order, named by escapes or not",
      '{"b\\n":1,"a":[{"c\\n":{"d\\t":2}}],"\\u0061":3}',
      { "b\n": 1, a: 3 },
    ],
    ["the last of two fields alike", '{"a\\n":1,"a\\n":2}', { "a\n": 2 }],
    ["a field named __proto__", '{"\\n":{"__proto__":1}}', JSON.parse('{"\\n":{"__proto__":1}}')],
    [
      "numbers and names",
      '{"\\n":[-1.5e+3,0,true,false,null,"\\\\",{}]}',
      { "\n": [-1500, 0, true, false, null, "\\", {}] },
    ],
  ])("keeps %s", (_, text, value) => {
    expect(entriesOf(parseJson(text))).toEqual(entriesOf(value));
  });

  it.each(["", "{", '{"a\\n":}', '{"a\\n" 1}', '{"a\\', '"\\x"', "[1,]"])(
    "throws SyntaxError for %j",
    (text) => {
      expect(() => parseJson(text)).toThrow(SyntaxError);
      expect(readJson(text)).toBeUndefined();
    },
  );

  it("takes linear time for long texts that are full of escapes", () => {
    const text = `{"a\\n":${JSON.stringify("\\".repeat(500_000))},"b":[${'"\\\\",'.repeat(200_000)}0]}`;
    expect(Object.keys(parseJson(text) as object)).toEqual(["a\n", "b"]);
  });

  it("reads each spelling of an escaped key once, however often it occurs", () => {
    const text = `[${'{"\\n":1,"\\u0061":[{"\\"":2}]},'.repeat(10_000)}{}]`;
    const parse = vi.spyOn(JSON, "parse");
    try {
      const [first, second] = parseJson(text) as unknown[];
      expect(parse).toHaveBeenCalledTimes(4); // three spellings, and the text
      expect(second).toEqual(first);
      expect(first).toEqual({ "\n": 1, a: [{ '"': 2 }] });
    } finally {
      parse.mockRestore();
    }
  });

  it("holds a limit of different escaped keys, which the error names", () => {
    expect(
      Object.keys(parseJson(`{${escapedFields(10)},${escapedFields(10)}}`, { escapedKeys: 10 }) as object),
    ).toHaveLength(10);
    const most = (): unknown => parseJson(`{${escapedFields(11)}}`, { escapedKeys: 10 });
    expect(most).toThrow(JsonLimitError);
    expect(most).toThrow("more than 10 keys written with escapes");
    expect(readJson(`{${escapedFields(11)}}`, { escapedKeys: 10 })).toBeUndefined();
  });

  it.each([
    ["brackets", "[", "]"],
    ["objects", '{"[":', "}"],
  ])("reads a long text of 1,000 nested %s, and no deeper one", (_, open, close) => {
    const nested = (depth: number): string =>
      `{"a":${JSON.stringify("[".repeat(70_000))},"b":${open.repeat(depth)}0${close.repeat(depth)}}`;
    expect(Object.keys(parseJson(nested(999)) as object)).toEqual(["a", "b"]);
    expect(() => parseJson(nested(1000))).toThrow(JsonLimitError);
  });

  it("holds a limit of values of a long text, which the error names", () => {
    expect((parseJson(listOfTexts(10_000), { values: 10_000 }) as unknown[]).length).toBe(9999);
    expect(() => parseJson(listOfTexts(10_001), { values: 10_000 })).toThrow("more than 10000 values");
    expect((parseJson(listOfTexts(10_001)) as unknown[]).length).toBe(10_000);
  });

  it("names fields at any depth without a stack", () => {
    const depth = 30_000;
    const text = `${'{"\\n":'.repeat(depth / 4)}0${"}".repeat(depth / 4)}`;
    let value = parseJson(text);
    for (let at = 0; at < depth / 4; at += 1) value = (value as Record<string, unknown>)["\n"];
    expect(value).toBe(0);
  });

  it("does not overflow silently where a text is nested without end", () => {
    expect(readJson(`{"\\n":${"[".repeat(100_000)}${"]".repeat(100_000)}}`)).toBeUndefined();
  });
});

describe("parseJsonFields", () => {
  it("gives each field whose name needs no escape under that name, however it was written", () => {
    fc.assert(
      fc.property(fc.dictionary(KEY, fc.integer(), { maxKeys: 6 }), (fields) => {
        const read = parseJsonFields(written(fields)) as Record<string, unknown>;
        const [plain, odd] = [true, false].map((isPlain) =>
          Object.keys(fields).filter((key) => !JSON.stringify(key).includes("\\") === isPlain),
        );
        expect(plain!.map((key) => read[key])).toEqual(plain!.map((key) => fields[key]));
        expect(odd!.filter((key) => Object.hasOwn(read, key))).toEqual([]);
        expect(Object.keys(read)).toHaveLength(Object.keys(fields).length);
      }),
    );
  });

  it("refuses a text that has guessed what stands in for a key", () => {
    const [standIn] = Object.keys(parseJsonFields('{"\\n":1}') as object);
    expect(() => parseJsonFields(`{"\\n":1,${JSON.stringify(standIn)}:2}`)).toThrow("only this process");
  });
});
