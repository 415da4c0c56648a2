import { describe, expect, it } from "vitest";

import { digestOf } from "../../core/index.ts";
import { readStatement } from "./statement.ts";

const subject = digestOf("an image");
const other = digestOf("another image");

function namesIn(...subjects: readonly (readonly [digest: string, name?: unknown])[]): readonly string[] {
  const statement = {
    _type: "https://in-toto.io/Statement/v1",
    subject: subjects.map(([digest, name]) => ({ name, digest: { sha256: digest.slice(7) } })),
    predicateType: "https://acme.example/any/v1",
  };
  const payload = Buffer.from(JSON.stringify(statement));
  return readStatement("application/vnd.in-toto+json", payload, subject).subjectNames;
}

describe("what a statement calls the digest", () => {
  it("is each name beside it, and none beside another digest", () => {
    expect(namesIn([other, "ghcr.io/acme/tools"], [subject, "ghcr.io/acme/app"])).toEqual([
      "ghcr.io/acme/app",
    ]);
    expect(namesIn([subject, "ghcr.io/acme/app"], [subject, "app.tar"])).toEqual([
      "ghcr.io/acme/app",
      "app.tar",
    ]);
  });

  it.each([undefined, "", 7, "a".repeat(2049)])("is nothing where the name is %j", (name) => {
    expect(namesIn([subject, name])).toEqual([]);
  });
});
