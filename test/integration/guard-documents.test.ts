import { readFileSync } from "node:fs";

import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { parse, parseAllDocuments, stringify } from "yaml";

import type { DocumentName } from "../../src/composition/document-table.ts";
import type { GuardRecord } from "../../src/guard/index.ts";
import { deletionOf, editOf, guard, type EditOptions, type GuardedName } from "../support/guarded.ts";
import { aWaiver, waiverWorld } from "../support/waiver-world.ts";

const world = await waiverWorld();
afterAll(world.close);

const OPEN = JSON.stringify({
  rules: [{ name: "app", images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } }],
  unmatched: "allow",
});
const REVOCATION = {
  id: "R-1",
  issuer: "https://issuer.test",
  identity: "https://a.test/w",
  reason: "The release token was read by a stolen scanner.",
  created: "2026-11-24T12:00:00Z",
};

/** A gate that has just started and was told of no document. */
const RESTARTED = {
  policy: { text: () => undefined },
  waivers: { text: () => undefined },
  revocations: { text: () => undefined },
  enforcement: { text: () => undefined },
} as const;

const RIGHTS: Readonly<Record<GuardedName, string>> = {
  policy: "ana may weaken policies mc-gate-policy",
  waivers: "ana may weaken waivers mc-gate-waivers",
  revocations: "ana may weaken revocations mc-gate-revocations",
  enforcement: "ana may weaken enforcement mc-gate-enforcement",
  settings: "ana may weaken settings mc-gate-settings",
};

function as(rights: readonly string[], more: Partial<EditOptions> = {}): EditOptions {
  return { user: "ana", rights: rights as EditOptions["rights"] & object, ...more };
}

it("an edit that makes a document immutable takes the right to weaken it", async () => {
  const edit = editOf("revocations", "revocations: []\n") as { readonly object: object };
  const request = { ...edit, oldObject: edit.object, object: { ...edit.object, immutable: true } };
  expect(await guard(RESTARTED, request, as([]))).toContain("[immutable-document]");
  expect(await guard(RESTARTED, request, as([RIGHTS.revocations]))).toBe("allowed");
});

describe("documents that were deleted, and are created again after every replica has restarted", () => {
  it.each<[DocumentName, string]>([
    ["policy", OPEN],
    ["waivers", JSON.stringify({ waivers: [aWaiver(world.unsigned)] })],
    ["revocations", "revocations: []\n"],
    ["revocations", JSON.stringify({ revocations: [REVOCATION] })],
  ])("take the right to weaken %s", async (name, text) => {
    const request = { ...editOf(name, text), operation: "CREATE" };
    expect(await guard(RESTARTED, request, as([]))).toContain("which ana does not have");
    expect(await guard(RESTARTED, request, as([RIGHTS[name]]))).toBe("allowed");
  });

  it.each<[DocumentName, string]>([
    ["policy", "rules: []\n"],
    ["waivers", "waivers: []\n"],
  ])("take none where nothing could be stricter: %s %j", async (name, text) => {
    expect(await guard(RESTARTED, { ...editOf(name, text), operation: "CREATE" }, as([]))).toBe("allowed");
  });

  it.each<GuardedName>(["policy", "waivers", "revocations", "enforcement", "settings"])(
    "could not have been deleted without it: %s",
    async (name) => {
      expect(await guard(world.gate, deletionOf(name), as([]))).toContain("right to weaken");
      expect(await guard(world.gate, deletionOf(name), as([RIGHTS[name]]))).toBe("allowed");
      expect(await guard(world.gate, deletionOf(name), as([], { isTerminating: true }))).toBe("allowed");
    },
  );
});

/** An edit of one of the documents in a ConfigMap of another name. */
function inAnother(name: GuardedName, text: string): object {
  const { object, ...edit } = editOf(name, text) as { readonly object: { readonly metadata: object } };
  const metadata = { ...object.metadata, name: "ours" };
  return { ...edit, name: "ours", object: { ...object, metadata }, oldObject: { metadata } };
}

describe("another ConfigMap of the gate's namespace with the key of a document", () => {
  it.each<[GuardedName, string, string]>([
    ["policy", OPEN, "policies"],
    ["waivers", JSON.stringify({ waivers: [aWaiver(world.unsigned)] }), "waivers"],
    ["revocations", "revocations: []\n", "revocations"],
  ])("is guarded, since a replica with other settings may read it: %s", async (name, text, resource) => {
    const request = inAnother(name, text);
    expect(await guard(RESTARTED, request, as([]))).toContain(
      `right to weaken ${resource}.mc-gate.dev "ours"`,
    );
    expect(await guard(RESTARTED, request, as([`ana may weaken ${resource} ours`]))).toBe("allowed");
  });

  it.each<GuardedName>(["enforcement", "settings"])(
    "is not, where the document lies in no other: %s",
    async (name) => {
      expect(await guard(RESTARTED, inAnother(name, "no document"), as([]))).toBe("allowed");
    },
  );
});

const manifest = parseAllDocuments(readFileSync("manifests/mc-gate.yaml", "utf8"))
  .map((each) => each.toJS())
  .find(({ kind, metadata }) => kind === "ConfigMap" && metadata.name === "mc-gate-settings");
const SETTINGS: string = manifest.data["settings.yaml"];

function edited(change: (settings: Record<string, Record<string, unknown>>) => void): object {
  const settings = parse(SETTINGS);
  change(settings);
  return editOf("settings", stringify(settings));
}

describe("a change that cannot be judged", () => {
  const kind = { group: "", version: "v1", kind: "ConfigMap" };

  it.each<[string, object, Parameters<typeof guard>[0]]>([
    ["it is no request", { kind, operation: "RENAME" }, RESTARTED],
    [
      "a document throws",
      editOf("policy", OPEN),
      {
        ...RESTARTED,
        policy: {
          text: () => {
            throw new Error("a defect");
          },
        },
      },
    ],
  ])("is refused and recorded with its uid: %s", async (_, request, composed) => {
    const records: GuardRecord[] = [];
    const answer = await guard(composed, request, as([], { onRecord: (record) => records.push(record) }));
    expect(answer).not.toBe("allowed");
    expect(records).toMatchObject([
      { uid: "u", decision: "refused", reason: "unreadable", resource: "unread" },
    ]);
  });
});

describe("the chart's settings", () => {
  const records: GuardRecord[] = [];
  const options = (rights: readonly string[]): EditOptions =>
    as(rights, { settings: SETTINGS, onRecord: (record) => records.push(record) });

  beforeEach(() => {
    records.length = 0;
  });

  it("may become stricter without a right", async () => {
    const stricter = edited(({ cluster }) => (cluster!["defaultMode"] = "advisory"));
    expect(await guard(world.gate, stricter, options([]))).toBe("allowed");
  });

  it.each<[string, Parameters<typeof edited>[0]]>([
    [
      "a registry in another's place",
      (all) =>
        (all["registries"] = { hosts: { "ghcr.io": { replacedBy: "evil.test", plainHttpUnsafe: true } } }),
    ],
    ["another policy", ({ cluster }) => (cluster!["policy"] = { configMap: "x", key: "y" })],
    ["unguarded settings", ({ cluster }) => (cluster!["settings"] = { configMap: "x", key: "y" })],
  ])("are guarded: %s", async (_, change) => {
    const message = await guard(world.gate, edited(change), options([]));
    expect(message).toContain('right to weaken settings.mc-gate.dev "mc-gate-settings"');
    expect(message).toMatch(/settings\.yaml:\d+:\d+: .*\[weaker-settings\]/);
    expect(await guard(world.gate, edited(change), options([RIGHTS.settings]))).toBe("allowed");
    expect(records.map(({ decision, reason, rules }) => [decision, reason, rules])).toEqual([
      ["refused", "right-missing", ["weaker-settings"]],
      ["allowed", "by-right", ["weaker-settings"]],
    ]);
  });

  it("of a later version, which this gate cannot read, take the right", async () => {
    const later = edited((all) => (all["laterSetting"] = {}));
    expect(await guard(world.gate, later, options([]))).toContain("[unknown-key]");
    expect(await guard(world.gate, later, options([RIGHTS.settings]))).toBe("allowed");
  });
});
