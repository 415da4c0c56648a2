import { describe, expect, it } from "vitest";
import { z } from "zod";

import { knobsOf } from "./knobs.ts";

describe("knobsOf", () => {
  it("lists every setting with path, type, default and words", () => {
    const matcher = z.union([z.string(), z.strictObject({ pattern: z.string().describe("RE2.") })]);
    const schema = z.strictObject({
      named: z.record(z.string(), z.strictObject({ matcher: matcher.describe("Who.") })).describe("By name."),
      list: z.array(z.strictObject({ on: z.boolean().default(true).describe("Whether.") })).describe("Some."),
      mode: z.enum(["deny", "allow"]).optional().describe("What."),
      source: z
        .discriminatedUnion("kind", [
          z.strictObject({ kind: z.literal("a"), path: z.string().describe("Where.") }),
          z.strictObject({ kind: z.literal("b"), path: z.string().describe("Where else."), count: z.int() }),
        ])
        .describe("From."),
    });
    expect(
      knobsOf(z.toJSONSchema(schema, { io: "input" })).map((knob) => Object.values(knob).join(" | ")),
    ).toEqual([
      "named | map | true | By name.",
      "named.*.matcher | text or map | true | Who.",
      "named.*.matcher.pattern | text | true | RE2.",
      "list | list of map | true | Some.",
      "list[].on | true or false | false | true | Whether.",
      'mode | "deny" or "allow" | false | What.',
      "source | map | true | From.",
      'source.kind | "a" or "b" | true | ',
      "source.path | text | true | Where. Where else.",
      "source.count | whole number | true | ",
    ]);
  });
});
