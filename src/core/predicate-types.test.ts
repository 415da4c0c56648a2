import { describe, expect, it } from "vitest";

import { isOfType, predicateHint } from "./predicate-types.ts";

describe("the predicate type that annotations name", () => {
  it.each([
    [{ "dev.sigstore.bundle.predicateType": "a" }, "a"],
    [{ predicateType: "b" }, "b"],
    [{ "dev.sigstore.bundle.predicateType": "a", predicateType: "a" }, "a"],
    [{ "dev.sigstore.bundle.predicateType": "a", predicateType: "b" }, undefined],
    [{ "dev.sigstore.bundle.predicateType": "", predicateType: "b" }, "b"],
    [{ predicateType: "" }, undefined],
    [{}, undefined],
  ])("%j: %s", (annotations, hint) => {
    expect(predicateHint(annotations)).toBe(hint);
  });
});

it.each([
  ["https://spdx.dev/Document/v2.3", true],
  ["https://spdx.dev/Document", true],
  ["https://spdx.dev/Documents", false],
])("%s is of the family https://spdx.dev/Document: %s", (predicateType, expected) => {
  expect(isOfType(predicateType, ["https://spdx.dev/Document"])).toBe(expected);
});
