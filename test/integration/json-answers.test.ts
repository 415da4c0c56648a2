import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import type { Command } from "commander";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";

import { buildProgram } from "../../src/cli/program.ts";
import { type FakeGitHub, GITHUB_TOKEN, startFakeGitHub } from "../support/fake-github.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;
const IMAGE = `127.0.0.1:1/acme/app@${DIGEST}`;
const POLICY = "rules:\n  - { name: all, images: ['**'], require: { reference: { pinned: true } } }\n";
const WAIVERS = `waivers:
  - id: WA-1
    class: signature
    digest: ${DIGEST}
    reason: The supplier signs from the next release.
    owners: [team-shop]
    created: "2026-11-24T10:00:00Z"
    ttl: 2d
`;
const APPLICATION = `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: { name: shop, namespace: argocd }
spec:
  project: default
  source: { repoURL: https://git.test/shop, targetRevision: main, path: . }
  destination: { server: https://kubernetes.default.svc, namespace: shop }
`;
const AT = "2026-11-24T12:00:00Z";
const REFUSED = { decision: "refused", codes: ["signature/missing"] };
const CASES = JSON.stringify({
  cases: [{ name: "any", image: IMAGE, time: AT, facts: {}, expect: REFUSED }],
});
const REPO = "acme/policy";
const DECISION = ["--policy", "policy.yaml", "--registries", "registries.yaml"];

/** A call of each command that answers in JSON, what it writes left in the folder. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  verify: [...DECISION, IMAGE],
  "verify-bundle": ["--bundle", "none.json", "--key", "key.pub", DIGEST],
  presync: ["--token-file", "none", "--termination-log", ""],
  plan: ["workflow.yml"],
  pin: [IMAGE],
  "policy diff": ["policy.yaml", "policy.yaml"],
  "policy test": ["--policy", "policy.yaml", "cases.yaml"],
  "policy replay": ["--decisions", "record.log", "--candidate", "policy.yaml"],
  "policy lint": ["policy.yaml"],
  "policy migrate": ["--check", "policy.yaml"],
  "policy explain": [...DECISION, IMAGE],
  "policy import": ["foreign.yaml"],
  "waivers lint": ["waivers.yaml"],
  "waivers list": ["waivers.yaml"],
  "waivers audit": ["waivers.yaml"],
  "waivers add": [
    "--waivers",
    "waivers.yaml",
    "--dry-run",
    "--id",
    "WA-2",
    "--class",
    "sbom",
    "--at",
    AT,
    "--reason",
    "There will be one next week.",
    "--owner",
    "team-shop",
    "--ttl",
    "2d",
    IMAGE,
  ],
  "waivers renew": ["--waivers", "waivers.yaml", "--dry-run", "--at", AT, "WA-1"],
  "waivers expire": ["--waivers", "waivers.yaml", "--dry-run", "--at", AT, "WA-1"],
  "waivers approve": [
    "--waivers",
    "waivers.yaml",
    "--dry-run",
    "--at",
    AT,
    "--by",
    "rita",
    "--seat",
    "devsecops",
    "WA-1",
  ],
  "waivers remind": ["--repo", REPO, "waivers.yaml"],
  "waivers verify": ["--repo", REPO, "--pull", "17", "waivers.yaml"],
  "revocations lint": ["revocations.yaml"],
  "revocations plan": ["--digest", DIGEST, "--revocations", "revocations.yaml", IMAGE],
  "revocations add": [
    "--digest",
    DIGEST,
    "--revocations",
    "revocations.yaml",
    "--dry-run",
    "--id",
    "RV-1",
    "--reason",
    "The build machine was taken over.",
  ],
  "record verify": ["record.log"],
  "evidence export": [
    "--since",
    "2025-11-24T00:00:00Z",
    "--until",
    "2025-11-25T00:00:00Z",
    "--record",
    "record.log",
    "--unsigned",
    "--out",
    "packet",
  ],
  "evidence verify": ["--hashes-only", "none.json"],
  "settings lint": ["settings.yaml"],
  "settings migrate": ["--check", "settings.yaml"],
  "adopt argocd": ["-f", "application.yaml", "--repo", "https://git.test/hook", "--revision", "v1"],
  version: [],
};

/** Asked with a registry, a cluster or GitHub, where its test is. */
const ELSEWHERE = [
  "audit",
  "backfill publish",
  "open-logs",
  "pr-comment",
  "preflight",
  "promote",
  "backfill run",
  "drift",
  "enforce confirm",
  "enforce off",
  "enforce on",
  "enforce status",
  "kpi report",
  "fleet close",
  "fleet discover",
  "fleet open",
  "fleet plan",
  "fleet rollback",
  "fleet status",
  "tickets import",
];

function answering(command: Command, name = ""): string[] {
  const hasJson = command.options.some(
    ({ long, argChoices }) => long === "--output" && argChoices?.includes("json"),
  );
  const below = command.commands.flatMap((each) => answering(each, `${name} ${each.name()}`.trim()));
  return hasJson ? [name, ...below] : below;
}

describe("-o json", { timeout: 60_000 }, () => {
  let folder: McFolder;
  let github: FakeGitHub;

  beforeAll(async () => {
    github = await startFakeGitHub();
    vi.stubEnv("GITHUB_TOKEN", GITHUB_TOKEN);
    vi.stubEnv("GITHUB_API_URL", github.url);
    folder = mcFolder({ host: "127.0.0.1:1" });
    folder.write("policy.yaml", POLICY);
    folder.write("waivers.yaml", WAIVERS);
    folder.write("revocations.yaml", "revocations: []\n");
    folder.write("settings.yaml", "server: { port: 8443 }\n");
    folder.write("workflow.yml", "on: push\njobs: { build: { runs-on: x, steps: [{ run: make }] } }\n");
    folder.write("foreign.yaml", readFileSync("test/fixtures/import/github-actions-keyless.yaml", "utf8"));
    folder.write("application.yaml", APPLICATION);
    folder.write("none.json", "{}");
    folder.write("cases.yaml", CASES);
    folder.write("record.log", "{}\n");
    const { publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    folder.write("key.pub", publicKey.export({ type: "spki", format: "pem" }).toString());
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await github?.close();
    folder?.remove();
  });

  it("has a call here for each command that offers it", () => {
    const declared = answering(buildProgram("0.0.0", () => Promise.resolve()));
    expect([...Object.keys(CALLS), ...ELSEWHERE].toSorted()).toEqual(declared.toSorted());
  });

  it.each(Object.entries(CALLS))("mc %s answers with the version of its form", async (name, args) => {
    const { stdout, stderr } = await folder.mc([...name.split(" "), "-o", "json", ...args]);
    expect(stderr).not.toContain("unexpectedly");
    expect(JSON.parse(stdout)).toMatchObject({
      version: expect.toSatisfy((version) => Number.isInteger(version)),
    });
  });
});
