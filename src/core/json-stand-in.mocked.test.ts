import { expect, it, vi } from "vitest";

import { parseJson } from "./json.ts";

vi.mock("node:crypto", async (original) => ({
  ...(await original<typeof import("node:crypto")>()),
  randomUUID: () => "known",
}));

it("reads no text that holds a stand-in, which could give a field another's name", () => {
  const text = '{"im\\u0061ge":"evil","known 0":"good"}';
  expect(() => parseJson(text)).toThrow(SyntaxError);
  expect(parseJson('{"im\\u0061ge":"evil","other 0":"good"}')).toEqual({ image: "evil", "other 0": "good" });
  expect(parseJson('{"\\u006bnown 0":1,"im\\u0061ge":2}')).toEqual({ "known 0": 1, image: 2 });
});
