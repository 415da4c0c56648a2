import { describe, expect, it } from "vitest";

import type { Problem } from "../core/index.ts";
import { refusalNote } from "../serve/documents/documents.ts";
import { createLastGood } from "./last-good.ts";

const PROBLEM: Problem = {
  line: 20,
  column: 1,
  path: "",
  rule: "yaml",
  message: "Implicit keys need one line.",
};

describe("the note on a refused document", () => {
  it.each([
    [
      "policy",
      1,
      true,
      "policy.yaml:20:1: Implicit keys need one line. The last good policy stays in force.",
    ],
    [
      "policy",
      4,
      false,
      "policy.yaml:20:1: Implicit keys need one line (and 3 more). No policy is in force: this replica admits nothing.",
    ],
    [
      "waivers",
      1,
      false,
      "waivers.yaml:20:1: Implicit keys need one line. No waivers are in force: nothing is waived.",
    ],
  ] as const)("%s with %d problems, one in force before: %s", (name, count, isInForce, note) => {
    expect(
      refusalNote(
        name,
        Array.from({ length: count }, () => PROBLEM),
        isInForce,
      ),
    ).toBe(note);
  });
});

describe("a document that is gone", () => {
  it("has a problem until it is back, and stays in force", () => {
    const document = createLastGood<string>({
      parse: (text) => ({ ok: true, value: text }),
      now: () => new Date(0),
    });
    document.offer("one");
    const { digest } = document.status();
    document.gone();
    expect(document.current()).toBe("one");
    expect(document.status()).toMatchObject({ digest, problems: [{ rule: "absent" }] });
    document.offer("one");
    expect(document.status()).toMatchObject({ digest, problems: [] });
    document.offer("two");
    expect(document.status().digest).not.toBe(digest);
  });
});
