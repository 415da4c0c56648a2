import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const WORKFLOW = "https://github.com/acme/app/.github/workflows/release.yml";
const DIGEST = `sha256:${"a".repeat(64)}`;
const POLICY = {
  trustRoots: { main: { source: "publicGood" } },
  authorities: {
    release: { keyless: { trustRoot: "main", issuer: ISSUER, identity: `${WORKFLOW}@refs/heads/main` } },
    tags: {
      keyless: {
        trustRoot: "main",
        issuer: ISSUER,
        identity: {
          pattern: String.raw`^https://github\.com/acme/app/\.github/workflows/release\.yml@refs/tags/v[0-9]+$`,
        },
        claims: { runnerEnvironment: "github-hosted" },
      },
    },
    key: { key: { pem: "PEM" } },
    secret: { key: { secret: { name: "signing", key: "cosign.pub" } } },
  },
  rules: [
    {
      name: "app",
      images: ["ghcr.io/acme/app"],
      require: { signature: { anyOf: ["release", "tags", "key", "secret"] } },
    },
    {
      name: "scanned",
      images: ["ghcr.io/acme/scanned"],
      require: { vulnerability: { anyOf: ["release"], blocked: ["critical"], maxScanAge: "7d" } },
    },
    {
      name: "boms",
      images: ["ghcr.io/acme/boms"],
      require: { sbom: { anyOf: ["release"], minComponents: 3 } },
    },
    {
      name: "tickets",
      images: ["ghcr.io/acme/tickets"],
      require: {
        cel: [
          {
            predicateType: "https://example.com/ticket/v1",
            anyOf: ["release"],
            expression: "predicate.state == 'done'",
            message: "Its ticket is open.",
          },
        ],
      },
    },
  ],
};
const WAIVER = {
  id: "WA-1",
  class: "signature",
  digest: DIGEST,
  image: "ghcr.io/acme/app",
  reason: "The release workflow is down until tomorrow.",
  ticket: "https://tracker.example/1",
  owners: ["ada"],
  requestedBy: "ada",
  approvals: [{ by: "grace", seat: "security", at: "2026-12-01T08:00:00Z" }],
  created: "2026-12-01T08:00:00Z",
  ttl: "1d",
};
const SIGNED = { signatures: [{ by: "release" }] };
const REFUSED = { decision: "refused", codes: ["signature/missing"] };
const scan = (severity: string, finishedAt?: string) => ({
  scans: [{ by: "release", finishedAt, vulnerabilities: [{ id: "CVE-2026-1", severity }] }],
});
const ticket = (state: string) => ({
  attestations: [{ by: "release", predicateType: "https://example.com/ticket/v1", predicate: { state } }],
});

const Answer = z.object({
  cases: z.array(
    z.object({ name: z.string(), isAsExpected: z.boolean(), expected: z.unknown(), actual: z.unknown() }),
  ),
});

type Case = Readonly<Record<string, unknown>>;

/** Each holds: what the gate says is what is expected. */
const HOLDING: readonly (readonly [name: string, given: Case])[] = [
  ["a signature by an authority", { facts: SIGNED, expect: { decision: "allowed" } }],
  ["no signature", { facts: {}, expect: REFUSED }],
  ["no signature in advisory", { facts: {}, mode: "advisory", expect: { ...REFUSED, decision: "warning" } }],
  ["a key in the policy", { facts: { signatures: [{ by: "key" }] }, expect: { decision: "allowed" } }],
  ["a key in a Secret", { facts: { signatures: [{ by: "secret" }] }, expect: { decision: "allowed" } }],
  [
    "a key whose signature is in no log",
    {
      facts: { signatures: [{ by: "key", logged: false }] },
      expect: { decision: "refused", codes: ["signature/untrusted-identity"] },
    },
  ],
  [
    "an identity that a pattern accepts",
    {
      facts: { signatures: [{ by: "tags", identity: `${WORKFLOW}@refs/tags/v7` }] },
      expect: { decision: "allowed" },
    },
  ],
  [
    "a stranger",
    {
      facts: {
        signatures: [{ signer: { identity: "https://evil.test/w", issuer: ISSUER, trustRoot: "main" } }],
      },
      expect: { decision: "refused", codes: ["signature/untrusted-identity"] },
    },
  ],
  [
    "a tag in enforce",
    {
      image: "ghcr.io/acme/app:v1",
      facts: SIGNED,
      expect: { decision: "refused", codes: ["reference/unpinned"] },
    },
  ],
  [
    "another image",
    {
      image: "ghcr.io/acme/other",
      facts: SIGNED,
      expect: { decision: "refused", codes: ["policy/unmatched"] },
    },
  ],
  [
    "a waiver of the case",
    {
      image: `ghcr.io/acme/app@${DIGEST}`,
      facts: {},
      waivers: [WAIVER],
      expect: { decision: "allowed", waived: ["WA-1"] },
    },
  ],
  [
    "a waiver that ends at this second",
    {
      image: `ghcr.io/acme/app@${DIGEST}`,
      facts: {},
      waivers: [WAIVER],
      time: "2026-12-02T08:00:00Z",
      expect: REFUSED,
    },
  ],
  ["a clean scan", { image: "ghcr.io/acme/scanned", facts: scan("low"), expect: { decision: "allowed" } }],
  [
    "a critical vulnerability",
    {
      image: "ghcr.io/acme/scanned",
      facts: scan("critical"),
      expect: { decision: "refused", codes: ["vulnerability/blocked"] },
    },
  ],
  [
    "an old scan",
    {
      image: "ghcr.io/acme/scanned",
      facts: scan("low", "2026-11-01T00:00:00Z"),
      expect: { decision: "refused", codes: ["vulnerability/scan-stale"] },
    },
  ],
  [
    "an SBOM",
    {
      image: "ghcr.io/acme/boms",
      facts: { sboms: [{ by: "release", components: 3 }] },
      expect: { decision: "allowed" },
    },
  ],
  [
    "an SBOM of too little",
    {
      image: "ghcr.io/acme/boms",
      facts: { sboms: [{ by: "release", components: 2 }] },
      expect: { decision: "refused", codes: ["sbom/incomplete"] },
    },
  ],
  [
    "a predicate that an expression accepts",
    { image: "ghcr.io/acme/tickets", facts: ticket("done"), expect: { decision: "allowed" } },
  ],
  [
    "a predicate that an expression refuses",
    {
      image: "ghcr.io/acme/tickets",
      facts: ticket("open"),
      expect: { decision: "refused", codes: ["cel/refused"] },
    },
  ],
];

/** Each is refused before anything is judged, with its place. */
const BROKEN: readonly (readonly [name: string, document: object, message: string])[] = [
  ["no cases", { cases: [] }, "Without a case nothing is tested"],
  ["an unknown key", { cases: [{ ...whole({}), more: 1 }] }, "[unknown-key]"],
  ["an unknown fact", { cases: [whole({ facts: { signature: [] } })] }, "[unknown-key]"],
  ["facts that are not there", { cases: [whole({ facts: undefined })] }, "[missing-key]"],
  ["no time", { cases: [whole({ time: undefined })] }, "[no-time]"],
  [
    "an authority that the policy lacks",
    { cases: [whole({ facts: { signatures: [{ by: "nightly" }] } })] },
    "[unknown-signer]",
  ],
  [
    "a pattern's authority without an identity",
    { cases: [whole({ facts: { signatures: [{ by: "tags" }] } })] },
    "say which one",
  ],
  [
    "an identity that its authority does not accept",
    { cases: [whole({ facts: { signatures: [{ by: "release", identity: "https://evil.test/w" }] } })] },
    "that is not release",
  ],
  ["a signature by no one", { cases: [whole({ facts: { signatures: [{}] } })] }, "[one-of]"],
  [
    "a code that does not exist",
    { cases: [whole({ expect: { decision: "refused", codes: ["signature/none"] } })] },
    "codes",
  ],
  ["a refusal without a code", { cases: [whole({ expect: { decision: "refused" } })] }, "[codes]"],
  ["a waiver that is none", { cases: [whole({ waivers: [{ id: "WA-2" }] })] }, "[bad-waiver]"],
  ["an image that is none", { cases: [whole({ image: "ghcr.io/ACME/app" })] }, "[bad-image]"],
];

function whole(given: Case): Case {
  return {
    name: "a case",
    image: "ghcr.io/acme/app",
    time: "2026-12-01T09:00:00Z",
    facts: SIGNED,
    expect: { decision: "allowed" },
    ...given,
  };
}

describe("mc policy test", () => {
  let folder: McFolder;
  let held: z.output<typeof Answer>["cases"];
  const test = (...args: string[]) => folder.mc(["policy", "test", "--policy", "policy.yaml", ...args]);
  const write = (document: object) => folder.write("cases.yaml", JSON.stringify(document, undefined, 2));

  beforeAll(async () => {
    folder = mcFolder();
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const pem = publicKey.export({ format: "pem", type: "spki" });
    folder.write("policy.yaml", JSON.stringify(POLICY).replace('"PEM"', JSON.stringify(pem)));
    write({ cases: HOLDING.map(([name, given]) => whole({ name, ...given })) });
    held = Answer.parse(JSON.parse((await test("cases.yaml", "-o", "json")).stdout)).cases;
  });

  afterAll(() => folder.remove());

  it("runs every case of a document", () => {
    expect(held.map(({ name }) => name)).toEqual(HOLDING.map(([name]) => name));
  });

  it.each(HOLDING.map(([name], at) => [name, at] as const))("sees as expected: %s", (_, at) => {
    const { isAsExpected, actual, expected } = held[at]!;
    expect([actual, isAsExpected]).toEqual([expected, true]);
  });

  it.each(BROKEN)("refuses %s, with its line", async (_, document, message) => {
    write(document);
    const { code, stdout, stderr } = await test("cases.yaml");
    expect([stdout, code]).toEqual(["", 12]);
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/cases\.yaml:\d+:\d+: /);
  });

  it("shows what differs, and exits 10, after all cases of all files", async () => {
    const other = whole({ name: "another", facts: {}, expect: { decision: "allowed" } });
    write({ cases: [other, whole({})] });
    folder.write(
      "more.yaml",
      JSON.stringify({
        cases: [
          whole({ name: "the last", facts: {}, expect: { decision: "refused", codes: ["sbom/missing"] } }),
        ],
      }),
    );
    const { code, stdout, stderr } = await test("cases.yaml", "more.yaml");
    expect(stdout).toBe(`wrong  another (cases.yaml:3)
  - decision: allowed
  + decision: refused
  - codes: none
  + codes: signature/missing
    waived: none
    because it has no signature by release, tags, key or 1 more [signature/missing]
ok     a case
wrong  the last (more.yaml:1)
    decision: refused
  - codes: sbom/missing
  + codes: signature/missing
    waived: none
    because it has no signature by release, tags, key or 1 more [signature/missing]
`);
    expect([stderr, code]).toEqual(["1 of 3 cases as expected.\n", 10]);
  });

  it("says the same as JSON", async () => {
    write({ cases: [whole({ facts: {} })] });
    const { code, stdout } = await test("cases.yaml", "-o", "json");
    expect([JSON.parse(stdout), code]).toMatchObject([
      {
        version: 1,
        passed: 0,
        failed: 1,
        cases: [
          { file: "cases.yaml", line: 3, isAsExpected: false, actual: { codes: ["signature/missing"] } },
        ],
      },
      10,
    ]);
  });

  it("judges a case without waivers by those of --waivers, and by --revocations", async () => {
    const image = `ghcr.io/acme/app@${DIGEST}`;
    write({ cases: [whole({ image, facts: {}, expect: { decision: "allowed", waived: ["WA-1"] } })] });
    folder.write("waivers.yaml", JSON.stringify({ waivers: [WAIVER] }));
    expect(await test("cases.yaml", "--waivers", "waivers.yaml")).toMatchObject({ code: 0 });
    folder.write("revocations.yaml", JSON.stringify({ revocations: [revocation()] }));
    const expected = { decision: "refused", codes: ["revocation/digest"] };
    write({ cases: [whole({ image, expect: expected })] });
    expect(await test("cases.yaml", "--revocations", "revocations.yaml")).toMatchObject({ code: 0 });
  });

  it("refuses a waiver document with an entry that is none", async () => {
    write({ cases: [whole({})] });
    folder.write("waivers.yaml", JSON.stringify({ waivers: [{ id: "WA-9" }] }));
    expect(await test("cases.yaml", "--waivers", "waivers.yaml")).toMatchObject({ code: 12, stdout: "" });
  });

  it("finds the sample policy to do what its cases say", async () => {
    folder.write("sample-policy.yaml", readFileSync("policy/policy.yaml", "utf8"));
    folder.write("sample-cases.yaml", readFileSync("policy/cases.yaml", "utf8"));
    const sample = ["--policy", "sample-policy.yaml", "sample-cases.yaml"];
    const { code, stdout } = await folder.mc(["policy", "test", ...sample]);
    expect([stdout, code]).toEqual([expect.stringMatching(/^(?:ok {5}.*\n){5}$/), 0]);
  });
});

function revocation(): object {
  return {
    id: "REV-1",
    digest: DIGEST,
    reason: "The release token was stolen.",
    created: "2026-12-01T08:00:00Z",
  };
}
