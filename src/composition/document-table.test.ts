import { describe, expect, it } from "vitest";

import { parsePolicy } from "../policy/index.ts";
import { DOCUMENT_NAMES, DOCUMENTS } from "./document-table.ts";
import { createLastGood } from "./last-good.ts";

const VERSION = "apiVersion: mc-gate.dev/v1\n";
const TEXTS = {
  policy: `rules: [{ name: app, images: ["ghcr.io/acme/*"], require: { reference: { pinned: true } } }]\n`,
  waivers: `waivers:
  - digest: sha256:${"a".repeat(64)}
    created: "2026-11-24T00:00:00Z"
    ttl_ns: 604800000000000
    owner: team-shop
`,
  revocations: `revocations:
  - id: R-1
    digest: sha256:${"a".repeat(64)}
    reason: It ships a configuration with live credentials.
    created: 2026-04-02T08:00:00Z
`,
  enforcement: `switches:
  - id: off-1
    by: ana
    reason: The gate itself stands in the way.
    ticket: INC-7
    from: 2026-04-02T08:00:00Z
    until: 2026-04-02T08:15:00Z
`,
} as const;

describe.each(DOCUMENT_NAMES)("%s", (name) => {
  const text = TEXTS[name];
  const { lint, weakenings } = DOCUMENTS[name];

  it("is the same document with its version and without: neither edit weakens", () => {
    expect([lint(text), lint(VERSION + text)]).toEqual([[], []]);
    expect([weakenings(text, VERSION + text), weakenings(VERSION + text, text)]).toEqual([[], []]);
  });

  it("of another version is refused as a whole, with the version that is supported", () => {
    const message = '"mc-gate.dev/v2" is not supported; this gate reads "mc-gate.dev/v1".';
    const [problem, ...others] = lint(`apiVersion: mc-gate.dev/v2\n${text}`);
    expect([problem, others]).toMatchObject([{ line: 1, rule: "api-version", message }, []]);
  });
});

describe("a document with a key that was renamed", () => {
  const NEW = TEXTS.policy.replace("reference: { pinned: true }", "sbom: { anyOf: [a], minComponents: 2 }");
  const WITH_AUTHORITY = `trustRoots: { r: { source: publicGood } }
authorities: { a: { keyless: { trustRoot: r, issuer: "https://issuer.test", identity: "https://a.test/w" } } }
${NEW}`;
  const OLD = WITH_AUTHORITY.replace("minComponents", "leastComponents");

  it("leaves the last good text in force, and says what it is called now and what to run", () => {
    const document = createLastGood({ parse: parsePolicy, now: () => new Date(0) });
    expect(document.offer(WITH_AUTHORITY)).toEqual([]);
    const problems = document.offer(OLD);
    expect(problems).toEqual([
      {
        line: 3,
        column: expect.any(Number),
        path: "rules[0].require.sbom.leastComponents",
        rule: "renamed-key",
        message: '"leastComponents" is now called "minComponents"; run mc policy migrate FILE.',
      },
    ]);
    expect(document.text()).toBe(WITH_AUTHORITY);
    expect(document.status().problems).toEqual(problems);
    expect(document.current()?.rules).toHaveLength(1);
  });

  it("is never put in force by a replica that has no other", () => {
    const document = createLastGood({ parse: parsePolicy, now: () => new Date(0) });
    document.offer(OLD);
    expect([document.text(), document.current()]).toEqual([undefined, undefined]);
  });
});
