import { describe, expect, it } from "vitest";
import { z } from "zod";

import { ApiVersion } from "./api-version.ts";
import { readDocument } from "./read-document.ts";

const Schema = z.strictObject({ apiVersion: ApiVersion, list: z.array(z.string()) });

describe("ApiVersion", () => {
  it.each(["list: []\n", "apiVersion: mc-gate.dev/v1\nlist: []\n"])("accepts %j", (text) => {
    expect(readDocument(text, Schema)).toMatchObject({ ok: true });
  });

  it.each([
    ["mc-gate.dev/v2", '"mc-gate.dev/v2" is not supported; this gate reads "mc-gate.dev/v1".'],
    ["v1", '"v1" is not supported; this gate reads "mc-gate.dev/v1".'],
    ['""', '"" is not supported; this gate reads "mc-gate.dev/v1".'],
    ["", 'This value is not supported; this gate reads "mc-gate.dev/v1".'],
    ["1", 'This value is not supported; this gate reads "mc-gate.dev/v1".'],
    ["[mc-gate.dev/v1]", 'This value is not supported; this gate reads "mc-gate.dev/v1".'],
  ])("refuses %s with its line and the version that is supported", (written, message) => {
    const read = readDocument(`list: []\napiVersion: ${written}\n`, Schema);
    expect(read).toMatchObject({
      ok: false,
      problems: [{ line: 2, path: "apiVersion", rule: "api-version", message }],
    });
  });
});
