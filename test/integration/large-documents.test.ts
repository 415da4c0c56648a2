import { afterAll, describe, expect, it } from "vitest";

import { Fault } from "../../src/core/index.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { parseRevocations } from "../../src/revocations/index.ts";
import { createLargeDocuments, SMALL_DOCUMENT } from "../../src/serve/documents/large-documents.ts";
import { createLargeReader } from "../../src/serve/reader/reader.ts";
import { parseWaivers } from "../../src/waivers/index.ts";
import { editOf, guard } from "../support/guarded.ts";

const reader = createLargeReader();
const large = createLargeDocuments(reader);
afterAll(reader.close);

function ruleText(at: number): string {
  return `  - name: r${at}\n    images: ["ghcr.io/acme/app${at}"]\n    require: { reference: { pinned: true } }\n`;
}

function waiverText(at: number): string {
  const digest = `sha256:${String(at).padStart(64, "0")}`;
  return `  - id: w${at}\n    class: signature\n    digest: ${digest}\n    owner: ana\n    reason: it is being replaced by another one\n    created: 2026-11-01T00:00:00Z\n    expires: 2026-11-20T00:00:00Z\n`;
}

function revocationText(at: number): string {
  return `  - id: r${at}\n    issuer: https://issuer.example\n    identity: { pattern: "^https://ci[.]example/${at}/.*$" }\n    reason: the account was taken over by somebody\n    created: 2026-11-01T00:00:00Z\n`;
}

function listOf(key: string, count: number, entry: (at: number) => string): string {
  return `${key}:\n${Array.from({ length: count }, (_, at) => entry(at)).join("")}`;
}

const rules = (count: number): string => listOf("rules", count, ruleText);
const waivers = (count: number): string => listOf("waivers", count, waiverText);
const revocations = (count: number): string => listOf("revocations", count, revocationText);

/** Documents whose first tasks in the other thread end with these faults. */
function failing(...faults: Fault[]): ReturnType<typeof createLargeDocuments> {
  const run: typeof reader.run = (name, ...input) => {
    const fault = faults.shift();
    return fault === undefined ? reader.run(name, ...input) : Promise.reject(fault);
  };
  return createLargeDocuments({ run });
}

describe("a long document is what its parser makes of it, read in another thread", () => {
  it("a policy", async () => {
    const text = `${rules(120)}authorities:\n  ci: { keyless: { trustRoot: public, issuer: "https://i.example", identity: "x" } }\ntrustRoots:\n  public: { publicGood: true }\n`;
    const [here, there] = [parsePolicy(text), await large.policy(text)];
    expect(there.ok).toBe(here.ok);
    const [one, other] = [here, there].map((each) => (each.ok ? each.value : each.problems));
    expect(Object.keys(other!)).toEqual(Object.keys(one!));
    expect(JSON.stringify(other)).toBe(JSON.stringify(one));
  });

  it("a policy's rules cover what they say", async () => {
    const policy = await large.policy(rules(120));
    const asked = { image: { registry: "ghcr.io", repository: "acme/app7" }, namespace: "shop" };
    const found = policy.ok ? policy.value.rulesFor(asked).map(({ name }) => name) : policy.problems;
    expect(found).toEqual(["r7"]);
  });

  it("waivers", async () => {
    const text = waivers(60);
    const [here, there] = [parseWaivers(text), await large.waivers(text)];
    expect(there).toEqual(here);
    expect(there.ok && there.value.waivers.length + there.value.problems.length).toBeGreaterThanOrEqual(60);
  });

  it("revocations, whose patterns match", async () => {
    const text = revocations(60);
    const [here, there] = [parseRevocations(text), await large.revocations(text)];
    expect(JSON.stringify(there)).toBe(JSON.stringify(here));
    expect(there.ok && there.value.signers[7]?.identity?.matches("https://ci.example/7/x")).toBe(true);
  });

  it.each([
    ["policy", `${rules(120)}    extra: 1\n`],
    ["waivers", `${waivers(60)}  - 7\n`],
    ["revocations", `${revocations(60)}  - 7\n`],
  ] as const)("and so are its problems: %s", async (name, text) => {
    const parse = { policy: parsePolicy, waivers: parseWaivers, revocations: parseRevocations }[name];
    const [here, there] = [parse(text), await large[name](text)];
    const problems = (read: typeof here): unknown =>
      read.ok ? ("problems" in read.value ? read.value.problems : []) : read.problems;
    expect(problems(there)).toEqual(problems(here));
    expect(problems(here)).not.toEqual([]);
  });
});

describe("a document that the other thread cannot read", () => {
  it("is one with a problem that says why", async () => {
    const documents = failing(new Fault("limits/exceeded", "reading it needed more memory than it may"));
    expect(await documents.waivers(waivers(1))).toEqual({
      ok: false,
      problems: [
        {
          line: 1,
          column: 1,
          path: "",
          rule: "not-read",
          message: "It cannot be read: reading it needed more memory than it may.",
        },
      ],
    });
    expect(documents.beingRead()).toEqual([]);
  });

  it("is read again where no thread could be had, and is being read until then", async () => {
    const documents = failing(new Fault("limits/overloaded", "no thread is available; try again"));
    const reading = documents.waivers(waivers(1));
    expect(documents.beingRead()).toEqual(["waivers"]);
    expect((await reading).ok).toBe(true);
    expect(documents.beingRead()).toEqual([]);
  });
});

it("the guard says of a long edit what it says of a short one", async () => {
  expect(rules(120).length).toBeGreaterThan(SMALL_DOCUMENT);
  const inForce = { text: () => rules(120) };
  const composed = {
    policy: inForce,
    waivers: { text: () => "waivers: []" },
    revocations: { text: () => "revocations: []" },
    enforcement: { text: () => "switches: []" },
  };
  const options = { user: "ana" };
  expect(await guard(composed, editOf("policy", `${rules(120)}# as strict\n`), options)).toBe("allowed");
  expect(await guard(composed, editOf("policy", rules(119)), options)).toContain(
    "the right to weaken policies",
  );
  expect(await guard(composed, editOf("policy", `${rules(119)}    extra: 1\n`), options)).toContain(
    'Unknown key "extra"',
  );
});
