import { describe, expect, it } from "vitest";

import { fromProtobufJson } from "./protobuf-json.ts";

describe("JSON of a protobuf message", () => {
  it.each([
    ["names in lowerCamelCase stay", { logIndex: "1" }, { logIndex: "1" }],
    [
      "names as the .proto file has them",
      { log_index: "1", key_id: { raw_bytes: "AA==" } },
      { logIndex: "1", keyId: { rawBytes: "AA==" } },
    ],
    [
      "digits after an underscore",
      { x509_certificate_chain: 1, sha_2: 2 },
      { x509CertificateChain: 1, sha2: 2 },
    ],
    ["a field that says null is absent", { a: null, b: { c: null } }, { b: {} }],
    [
      "fields within lists",
      { tlog_entries: [{ log_id: null, log_index: 3 }] },
      { tlogEntries: [{ logIndex: 3 }] },
    ],
    ["a null within a list stays, for it is no field", { hashes: [null] }, { hashes: [null] }],
    ["values are left alone", ["snake_case", 1, true], ["snake_case", 1, true]],
    [
      "a name of the language's own is a name",
      JSON.parse('{"__proto__":{"a":1}}'),
      JSON.parse('{"Proto__":{"a":1}}'),
    ],
  ])("%s", (_, given, expected) => {
    expect(fromProtobufJson(given)).toEqual(expected);
  });

  it("is refused where one field is there in two spellings", () => {
    expect(() => fromProtobufJson({ tlogEntries: [], tlog_entries: [1] })).toThrow(
      "the field tlogEntries is there twice",
    );
  });

  it("takes a null beside the same field in the other spelling for nothing", () => {
    expect(fromProtobufJson({ tlogEntries: null, tlog_entries: [1] })).toEqual({ tlogEntries: [1] });
  });
});
