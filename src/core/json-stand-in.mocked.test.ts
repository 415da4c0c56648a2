import { expect, it, vi } from "vitest";

import { parseJson } from "./json.ts";

vi.mock("node:crypto", async (original) => ({
  ...(await original<typeof import("node:crypto")>()),
  randomBytes: () => Buffer.from("known123", "base64url"),
}));

it("reads no text that holds a stand-in, which could give a field another's name", () => {
  const text = '{"im\\nage":"evil","known123 0":"good"}';
  expect(() => parseJson(text)).toThrow(SyntaxError);
  expect(parseJson('{"im\\nage":"evil","other 0":"good"}')).toEqual({ "im\nage": "evil", "other 0": "good" });
  expect(parseJson('{"\\u006bnown123 0":1,"im\\nage":2}')).toEqual({ "known123 0": 1, "im\nage": 2 });
});
