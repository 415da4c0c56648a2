import { describe, expect, it } from "vitest";

import { digestOf, type Parsed } from "../core/index.ts";
import {
  appendWaiver,
  approveWaiver,
  endWaiver,
  instantText,
  type WrittenWaiver,
  writtenWaiver,
} from "./edit.ts";
import type { WaiverEntry } from "./schema.ts";

const DIGEST = digestOf("an image");
const BEFORE = `# kept by the owners
waivers:
  - id: W-1 # the supplier's
    class: signature
    digest: ${DIGEST}
    reason: The supplier signs from the next release on.
    owners: [team-shop]
    requestedBy: ana
    created: "2026-11-24T10:00:00Z"
    ttl: 7d
`;
const ENTRY: WaiverEntry = {
  ttl: "2d",
  created: "2026-11-24T10:00:00Z",
  approvals: [],
  owners: ["team-shop"],
  namespaces: ["shop"],
  reason: "The supplier signs from the next release on.",
  digest: DIGEST,
  class: "signature",
  id: "W-2",
};
const SHORT = `waivers:
  - digest: ${DIGEST}
    owner: team-shop
    created: "2026-11-24T10:00:00Z"
    ttl_ns: 604800000000000
`;

function written(text: string, id = "W-1"): WrittenWaiver {
  const found = writtenWaiver(text, id);
  if (found === undefined) throw new Error("it is not there");
  return found;
}

/** The lines that an edit changed or put in. */
function news(before: string, after: Parsed<string>): string[] {
  if (!after.ok) throw new Error(JSON.stringify(after.problems));
  return after.value.split("\n").filter((line) => !before.split("\n").includes(line));
}

describe("writtenWaiver", () => {
  it("finds a waiver by its id, with its place", () => {
    const text = `${BEFORE}  - { id: W-2, class: signature, nonsense: 1 }\n`;
    expect(written(text)).toMatchObject({ index: 0, raw: { id: "W-1", ttl: "7d" } });
  });

  it.each([
    ["no such id", BEFORE, "W-2"],
    ["two of that id", `${BEFORE}${BEFORE.slice(BEFORE.indexOf("  - id"))}`, "W-1"],
    ["one that cannot be read", BEFORE.replace("ttl: 7d", "ttl: soon"), "W-1"],
    ["no list", "waivers: none\n", "W-1"],
    ["no document", "", "W-1"],
    ["no YAML", "waivers: [", "W-1"],
  ])("finds none where there is %s", (_, text, id) => {
    expect(writtenWaiver(text, id)).toBeUndefined();
  });
});

describe("appendWaiver", () => {
  it("writes the keys in the order in which people read them, and none that says nothing", () => {
    expect(news(BEFORE, appendWaiver(BEFORE, ENTRY))).toEqual([
      "  - id: W-2",
      "    namespaces: [ shop ]",
      "    owners: [ team-shop ]",
      "    ttl: 2d",
    ]);
  });

  it("refuses an entry that does not lint, and no entry for what was wrong before", () => {
    const wrong = appendWaiver(BEFORE, { ...ENTRY, id: "W-1" });
    expect(wrong).toMatchObject({ ok: false, problems: [{ rule: "duplicate-id" }, {}] });
    const broken = BEFORE.replace("ttl: 7d", "ttl: 70d");
    expect(appendWaiver(broken, ENTRY)).toMatchObject({ ok: true });
    expect(appendWaiver("waivers: [", ENTRY)).toMatchObject({ ok: false });
  });
});

describe("endWaiver", () => {
  const at = new Date("2026-11-25T10:00:00.900Z");

  it("writes the instant, in whole seconds, so that it has ended then", () => {
    expect(news(BEFORE, endWaiver(BEFORE, written(BEFORE), at))).toEqual([
      '    expires: "2026-11-25T10:00:00Z"',
    ]);
  });

  it("keeps the short form short", () => {
    expect(news(SHORT, endWaiver(SHORT, written(SHORT, `short-${DIGEST.slice(7, 19)}`), at))).toEqual([
      "    ttl_ns: 86400000000000",
    ]);
  });
});

describe("a document with more problems than are told", () => {
  it("takes no new waiver, whose own problems would not be told, and still ends one", () => {
    const broken = Array.from({ length: 1000 }, (_, at) => `  - { id: B-${at} }\n`).join("");
    const text = BEFORE.replace("waivers:\n", `waivers:\n${broken}`);
    expect(appendWaiver(text, { ...ENTRY, reason: "short" })).toMatchObject({
      ok: false,
      problems: [{ rule: "too-many" }],
    });
    const ended = endWaiver(text, writtenWaiver(text, "W-1")!, new Date("2026-11-25T10:00:00Z"));
    expect(ended.ok).toBe(true);
  });
});

describe("approveWaiver", () => {
  const RITA = {
    by: "rita",
    seat: "devsecops",
    ref: "https://t.test/1",
    at: "2026-11-24T12:00:00Z",
  } as const;

  it("gives a waiver its first approval, and the next one behind it", () => {
    const first = approveWaiver(BEFORE, written(BEFORE), RITA);
    expect(news(BEFORE, first)).toEqual([expect.stringMatching(/^ {4}approvals: .*rita/)]);
    if (!first.ok) throw new Error("unreachable");
    const second = approveWaiver(first.value, written(first.value), {
      ...RITA,
      by: "dev",
      seat: "release-manager",
    });
    expect(written(second.ok ? second.value : "").document.approvals.map(({ by }) => by)).toEqual([
      "rita",
      "dev",
    ]);
  });

  it("puts a signature to the approval that a person gave in this seat, whatever the spelling", () => {
    const first = approveWaiver(BEFORE, written(BEFORE), RITA);
    const text = first.ok ? first.value : "";
    const signed = approveWaiver(text, written(text), { ...RITA, by: " Rita", bundle: "{}" });
    const [approval, ...others] = written(signed.ok ? signed.value : "").document.approvals;
    expect([approval?.by, approval?.bundle, others]).toEqual(["rita", "{}", []]);
    const replaced = approveWaiver(signed.ok ? signed.value : "", written(text), { ...RITA, bundle: "[]" });
    expect(written(replaced.ok ? replaced.value : "").document.approvals[0]!.bundle).toBe("[]");
  });
});

it("writes instants in whole seconds", () => {
  expect(instantText(new Date("2026-11-25T10:00:00.999Z"))).toBe("2026-11-25T10:00:00Z");
});
