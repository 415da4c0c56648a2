import type { FolderFile } from "../../src/pr-comment/index.ts";

/** A state of a run: how it ended, and what it left. */
export interface PrState {
  readonly name: string;
  readonly conclusion: string | undefined;
  readonly files: readonly FolderFile[];
}

const BLOCKED = {
  code: "vulnerability/blocked",
  message: 'findings[0] of "left-pad" blocks: severity "High"',
};
const IMAGE = `ghcr.io/acme/api@sha256:${"a".repeat(64)}`;

/** The report of the job `scan`. */
export function scanReport(differing: object = {}): object {
  return {
    version: 1,
    pull: 17,
    service: "api",
    path: "services/api",
    mode: "enforce",
    issues: [],
    findings: 3,
    sbom: { added: [], removed: [] },
    ...differing,
  };
}

function scan(differing: object = {}, service = "api"): FolderFile {
  return { service, file: "report.json", text: JSON.stringify(scanReport({ service, ...differing })) };
}

function verified(decision: "allow" | "warn" | "deny", differing: object = {}): FolderFile {
  const result = { image: IMAGE, decision, objections: [], waived: [], evidence: [], ...differing };
  return {
    service: "api",
    file: "verify.json",
    text: JSON.stringify({ version: 1, results: [result], notLookedAt: [] }),
  };
}

function components(count: number, name = "lib"): object[] {
  return Array.from({ length: count }, (_, at) => ({ name: `${name}-${at}`, version: "1.0.0" }));
}

const EVIL = [
  "@acme/everyone #1 acme/app#2 GH-3",
  "`code` ``` fence",
  "![x](https://evil.test/pixel.png) [click](javascript:alert(1)) <https://evil.test>",
  "<img src=x onerror=alert(1)></details><!-- mc-gate:pr-comment 0 -->",
  "| cell | \\| row\n\n# heading\r\n- [ ] task",
  "reversed \u202e text\u0007 and \u2028 lines",
].join(" ");

/** Every kind of state that a comment shows. */
export const PR_STATES: readonly PrState[] = [
  { name: "all is well", conclusion: "success", files: [scan()] },
  { name: "one blocks", conclusion: "failure", files: [scan({ issues: [BLOCKED] })] },
  { name: "one is advice", conclusion: "success", files: [scan({ mode: "advisory", issues: [BLOCKED] })] },
  {
    name: "several services",
    conclusion: "failure",
    files: [
      scan({ issues: [BLOCKED, BLOCKED] }),
      scan({ mode: "advisory", issues: [BLOCKED] }, "web"),
      scan({}, "db"),
    ],
  },
  {
    name: "an unknown code",
    conclusion: "failure",
    files: [scan({ issues: [{ code: "x/y", message: "?" }] })],
  },
  {
    name: "the SBOM differs",
    conclusion: "success",
    files: [scan({ sbom: { added: components(2, "new"), removed: components(1, "old") } })],
  },
  {
    name: "the SBOM differs a lot",
    conclusion: "success",
    files: [scan({ sbom: { added: components(60), removed: [] } })],
  },
  { name: "there was nothing to compare with", conclusion: "success", files: [scan({ sbom: null })] },
  {
    name: "an image is signed",
    conclusion: "success",
    files: [
      scan(),
      verified("allow", { evidence: ["signed by release", "provenance of acme/api by release"] }),
    ],
  },
  {
    name: "an image is refused",
    conclusion: "success",
    files: [
      scan(),
      verified("deny", {
        objections: [
          { kind: "finding", code: "signature/missing", message: "it has no signature by release" },
        ],
      }),
    ],
  },
  {
    name: "an image could not be judged",
    conclusion: "success",
    files: [
      scan(),
      verified("deny", {
        objections: [{ kind: "fault", code: "registry/unavailable", message: "the registry did not answer" }],
      }),
    ],
  },
  {
    name: "a waiver is in use",
    conclusion: "success",
    files: [
      scan(),
      verified("allow", {
        waived: [{ code: "signature/missing", id: "WA-1", until: "2026-12-01T09:00:00.000Z" }],
      }),
    ],
  },
  {
    name: "there is a plan",
    conclusion: "success",
    files: [scan(), { service: "api", file: "plan.txt", text: "build\n└─ test\n" }],
  },
  {
    name: "the policy is edited",
    conclusion: "success",
    files: [
      scan(),
      { service: "api", file: "policy-diff.txt", text: "weaker: rule acme needs no provenance\n" },
      { service: "api", file: "replay.txt", text: "3 decisions would have been refused\n" },
    ],
  },
  { name: "the run failed without a reason", conclusion: "failure", files: [scan()] },
  { name: "the run was cancelled", conclusion: "cancelled", files: [scan()] },
  { name: "the run has not ended", conclusion: undefined, files: [scan()] },
  { name: "no report", conclusion: "success", files: [] },
  {
    name: "a report is cut in half",
    conclusion: "success",
    files: [{ service: "api", file: "report.json", text: '{"ver' }],
  },
  { name: "a report of another version", conclusion: "success", files: [scan({ version: 2 })] },
  {
    name: "a report with an unknown key",
    conclusion: "success",
    files: [scan({ link: "https://evil.test" })],
  },
  {
    name: "a report that is too large",
    conclusion: "success",
    files: [scan(), { service: "web", file: "report.json", problem: "it is larger than 1048576 bytes" }],
  },
  {
    name: "nested without end",
    conclusion: "success",
    files: [{ service: "api", file: "report.json", text: "[".repeat(100_000) }],
  },
  {
    name: "markup everywhere",
    conclusion: "failure",
    files: [
      scan({
        service: EVIL,
        issues: [{ code: EVIL, message: EVIL }],
        sbom: { added: [{ name: EVIL, version: EVIL }], removed: [] },
      }),
      verified("allow", {
        image: EVIL,
        evidence: [EVIL],
        waived: [{ code: EVIL, id: EVIL, until: "2026-12-01T09:00:00Z" }],
      }),
      { service: "api", file: "plan.txt", text: `${EVIL}\n\`\`\`\`\`\n</details>` },
    ],
  },
];
