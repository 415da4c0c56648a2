import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type Digest, digestOf, type Evidence, parseJson, type Verdict } from "../../src/core/index.ts";
import { NO_SWITCHES } from "../../src/enforcement/index.ts";
import { createGate, DEFAULT_LIMITS } from "../../src/gate/index.ts";
import { Replay } from "../../src/policy-work/index.ts";
import { parsePolicy, type Policy } from "../../src/policy/index.ts";
import { openRecord, readRecord } from "../../src/record/index.ts";
import { NO_REVOCATIONS } from "../../src/revocations/index.ts";
import { recordDecision } from "../../src/serve/logs/decision-log.ts";
import { NO_WAIVERS } from "../../src/waivers/index.ts";
import {
  aSignature,
  aSigner,
  anAttestation,
  aStatement,
  evidenceOf,
  hoursAgo,
  NOW,
  RELEASE,
  SECURITY,
} from "../support/policies.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const SCAN = "https://cosign.sigstore.dev/attestation/vuln/v1";
const BASE = {
  trustRoots: { main: { source: "publicGood" } },
  authorities: {
    release: { keyless: { trustRoot: "main", issuer: ISSUER, identity: RELEASE } },
    security: { keyless: { trustRoot: "main", issuer: ISSUER, identity: SECURITY } },
  },
  rules: [
    {
      name: "acme",
      images: ["ghcr.io/acme/app0", "ghcr.io/acme/app1", "ghcr.io/acme/app2", "ghcr.io/acme/app3"],
      require: {
        signature: { anyOf: ["release"] },
        vulnerability: { anyOf: ["security"], blocked: ["critical"], maxScanAge: "7d" },
      },
    },
    { name: "signed", images: ["ghcr.io/acme/app4"], require: { signature: { anyOf: ["release"] } } },
  ],
};
const RULE = BASE.rules[0]!;
const SIGNED = BASE.rules[1]!;
const required = (require: object, rest: object = SIGNED) => ({
  ...BASE,
  rules: [{ ...RULE, require: { ...RULE.require, ...require } }, rest],
});
const scans = (...blocked: string[]) => ({ anyOf: ["security"], blocked, maxScanAge: "7d" });
const BOTH = { signature: { allOf: ["release", "security"] } };

/** Edits of the policy above, and what cannot be said of them: of some images only a part of the evidence was read. */
const EDITS: readonly (readonly [name: string, policy: object, left: number])[] = [
  ["the same policy", BASE, 0],
  ["signatures by security count, too", required({ signature: { anyOf: ["release", "security"] } }), 0],
  [
    "two signatures, of which a part of the evidence may lack one",
    required(BOTH, { ...SIGNED, require: BOTH }),
    4,
  ],
  ["high vulnerabilities are blocked, too", required({ vulnerability: scans("critical", "high") }), 0],
  ["scans of two days", required({ vulnerability: { ...scans("critical"), maxScanAge: "2d" } }), 0],
  ["images that no rule covers", { ...BASE, rules: [RULE] }, 0],
];

function policyOf(document: object): Policy {
  const parsed = parsePolicy(JSON.stringify(document));
  if (parsed.ok) return parsed.value;
  throw new Error(JSON.stringify(parsed.problems));
}

interface Image {
  readonly text: string;
  readonly digest: Digest;
  readonly evidence: Evidence;
}

/** Images of every mix of signers, scans and severities. */
function imageOf(at: number): Image {
  const digest = digestOf(`image ${at}`);
  const security = aSigner({
    identity: SECURITY,
    claims: { sourceRepositoryURI: "https://github.com/acme/security" },
  });
  const signers = [[], [aSigner()], [security], [aSigner(), security]][at % 4]!;
  const severity = (["low", "high", "critical"] as const)[Math.floor(at / 4) % 3]!;
  const scan = {
    scanner: "grype",
    finishedAt: hoursAgo([1, 60, 300][Math.floor(at / 12) % 3]!),
    vulnerabilities: [{ id: "CVE-2026-1", severity, fix: "unknown" as const }],
  };
  const evidence = evidenceOf({
    signatures: signers.map((signer) => aSignature({ signer })),
    attestations: at % 7 === 0 ? [] : [aStatement(SCAN, { signer: security, scan }), anAttestation()],
  });
  const isPartial = at % 11 === 0 && { isPartial: true as const };
  return {
    text: `ghcr.io/acme/app${at % 5}@${digest}`,
    digest,
    evidence: { ...evidence, subject: digest, ...isPartial },
  };
}

const REVOCATIONS = JSON.stringify({
  revocations: [
    {
      id: "stolen",
      identity: "https://github.com/acme/other/.github/workflows/release.yml@refs/heads/main",
      issuer: ISSUER,
      until: "2026-11-02T00:00:00Z",
      created: "2026-11-01T00:00:00Z",
      reason: "The workflow was changed by a stranger.",
    },
  ],
});
const COUNT = 1000;
const FEW = 110;
const IMAGES = Array.from({ length: COUNT }, (_, at) => imageOf(at));
/** Of these the registry shows to each caller what is theirs. */
const WITH_CREDENTIALS = new Set(IMAGES.filter((_, at) => at % 13 === 0).map(({ digest }) => digest));
const BY_DIGEST = new Map(IMAGES.map((image) => [image.digest, image.evidence]));

/** The webhook's gate: it reads what its policy asks for, and nothing else. */
function gateBy(policy: Policy, now = NOW) {
  const wanted = new WeakMap<object, (hint: string | undefined) => boolean>();
  return createGate({
    registry: {
      resolve: () => Promise.resolve(undefined),
      contents: () => Promise.resolve(undefined),
      attachments: ({ digest }, _, { wantsPredicate, likelyLocations }) => {
        const isPartial = likelyLocations && BY_DIGEST.get(digest)!.isPartial && { isPartial: true as const };
        const attachments = {
          subject: digest,
          found: [],
          skipped: [],
          gaps: [],
          searched: [],
          wantedCredentials: () => WITH_CREDENTIALS.has(digest),
          ...isPartial,
        };
        wanted.set(attachments, wantsPredicate);
        return Promise.resolve(attachments);
      },
    },
    verify: (attachments) => {
      const { isPartial: _, ...evidence } = BY_DIGEST.get(attachments.subject)!;
      const attestations = evidence.attestations.filter(({ predicateType }) =>
        wanted.get(attachments)!(predicateType),
      );
      const isPartial = attachments.isPartial && { isPartial: true as const };
      return Promise.resolve({ ...evidence, attestations, ...isPartial });
    },
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => policy,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    enforcement: () => NO_SWITCHES,
    now: () => now,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: DEFAULT_LIMITS,
  });
}

async function decideBy(policy: Policy, images = IMAGES): Promise<Verdict[]> {
  const gate = gateBy(policy);
  const verdicts: Verdict[] = [];
  for (const [at, { text }] of images.entries())
    verdicts.push(
      await gate.admit({
        namespace: "shop",
        mode: () => (at % 3 === 0 ? "advisory" : "enforce"),
        subjects: [{ image: text, place: 'container "web"' }],
        access: {},
        signal: AbortSignal.timeout(60_000),
      }),
    );
  return verdicts;
}

let folder: McFolder;
/** A record of 1,000 decisions, and one of 110. */
let [many, record] = ["", ""];
const policy = policyOf(BASE);

beforeAll(async () => {
  folder = mcFolder();
  [many, record] = [await recorded(COUNT), await recorded(FEW)];
}, 120_000);
afterAll(() => folder.remove());

/** Decisions on the first images, in files of a folder. */
async function recorded(count: number): Promise<string> {
  const path = mkdtempSync(join(folder.path, "record-"));
  const recorder = await openRecord({
    pod: "gate-a",
    pid: 1,
    build: "0.1.0",
    now: () => NOW,
    namesUsers: true,
    sink: { write: () => undefined },
    files: { folder: path, fileBytes: 64 * 1024 * 1024, folderBytes: 1e9, keepMs: 1e9, namesMs: 1e9 },
    onLost: (_, because) => {
      throw new Error(because);
    },
    onProblem: (message) => {
      throw new Error(message);
    },
  });
  recorder.document({
    document: "policy",
    digest: policy.revision,
    text: JSON.stringify(BASE),
    acceptedAt: NOW,
  });
  const verdicts = await decideBy(policy, IMAGES.slice(0, count));
  const digestOfDocument = (document: object) =>
    document === policy ? (policy.revision as Digest) : undefined;
  for (const [at, verdict] of verdicts.entries()) {
    const about = {
      uid: `uid-${at}`,
      namespace: "shop",
      kind: "apps/Deployment",
      name: `web${at % 20}`,
      user: "jane",
    };
    const how = { operation: "CREATE", dryRun: false, caller: "verified", seconds: 0.01 } as const;
    recordDecision({ ...about, ...how, verdict }, recorder, digestOfDocument);
  }
  await recorder.close();
  return path;
}

describe("a replay of a thousand recorded decisions", () => {
  it.each(EDITS)("answers as the webhook then decides, or not at all: %s", async (_, edit, left) => {
    const candidate = policyOf(edit);
    const verdicts = await decideBy(candidate);
    const replay = new Replay({ policy: candidate });
    let [compared, at] = [0, 0];
    const unsaid: string[] = [];
    const { problemCount } = await readRecord([many], (line) => {
      const again = replay.take(line);
      if (again === undefined) return;
      const verdict = verdicts[at++]!;
      if ("notReplayable" in again) {
        unsaid.push(again.notReplayable);
        return;
      }
      compared += 1;
      expect(outcomeOf(again.verdict)).toEqual(outcomeOf(verdict));
    });
    expect({ problemCount, decisions: at }).toEqual({ problemCount: 0, decisions: COUNT });
    expect([compared, unsaid.length]).toEqual([COUNT - left, left]);
    for (const reason of unsaid) expect(reason).toContain("a part of it refuses nothing");
  });
});

function outcomeOf({ decision, mode, objections }: Verdict): object {
  return { decision, mode, objections: objections.map(({ code, rule }) => `${rule} ${code}`) };
}

const Report = z.looseObject({
  changes: z.record(z.string(), z.int()),
  groups: z.array(z.looseObject({ reasons: z.array(z.string()) })),
});

async function replayed(document: object, ...more: string[]) {
  folder.write("candidate.yaml", JSON.stringify(document));
  const args = ["policy", "replay", "--decisions", record, "--candidate", "candidate.yaml", ...more];
  const { code, stdout } = await folder.mc([...args, "-o", "json"]);
  const { changes, groups } = Report.parse(parseJson(stdout));
  return { code, changes, groups, reasons: new Set(groups.flatMap(({ reasons }) => reasons)) };
}

describe("mc policy replay", () => {
  it("exits 0 where every decision comes out as it did", async () => {
    const { code, changes, groups } = await replayed(BASE);
    expect({ code, unchanged: changes["unchanged"], groups }).toEqual({
      code: 0,
      unchanged: FEW,
      groups: [],
    });
  });

  it("exits 10 and names workloads, source repositories and reasons of what is newly refused", async () => {
    const { code, changes, groups } = await replayed(required({ vulnerability: scans("critical", "high") }));
    expect(code).toBe(10);
    expect(changes["newlyRefused"]).toBeGreaterThan(0);
    expect(groups.find(({ change }) => change === "newlyRefused")).toMatchObject({
      namespace: "shop",
      kind: "apps/Deployment",
      owners: ["https://github.com/acme/security"],
      reasons: ["acme: vulnerability/blocked"],
    });
  });

  it("says in text what comes out otherwise", async () => {
    folder.write("candidate.yaml", JSON.stringify({ ...BASE, rules: [RULE] }));
    const { stdout } = await folder.mc([
      "policy",
      "replay",
      "--decisions",
      record,
      "--candidate",
      "candidate.yaml",
    ]);
    expect(stdout).toContain("newly refused\n  shop apps/Deployment web");
    expect(stdout).toContain("    - policy/unmatched\n");
    expect(stdout).toMatch(/110 decisions: \d+ come out as they did, \d+ newly refused/);
  });

  it.each([
    ["an SBOM", { sbom: { anyOf: ["release"], minComponents: 1 } }, FEW, "spdx"],
    ["a scan, of images that were asked for none", { vulnerability: scans("critical") }, 22, "vuln"],
  ])("exits 11 where a candidate asks for %s", async (_, require, left, type) => {
    const rules = BASE.rules.map((rule) => (left === FEW || rule === SIGNED ? { ...rule, require } : rule));
    const { code, changes, reasons } = await replayed({ ...BASE, rules });
    expect({ code, left: changes["notReplayable"] }).toEqual({ code: 11, left });
    for (const reason of reasons)
      expect(reason).toMatch(
        new RegExp(`^not all evidence of .* was read that rules ask for now: .*${type}`),
      );
  });

  it("says that other trust roots would have verified other evidence", async () => {
    const source = { source: "file", path: "/root.json" };
    const { code, reasons } = await replayed({ ...BASE, trustRoots: { main: source } });
    expect({ code, reasons: [...reasons] }).toEqual({
      code: 11,
      reasons: ["the trust roots of the policy are others than those by which its evidence was verified"],
    });
  });

  it("says that a key was not among those by which evidence was verified", async () => {
    const key = { key: { secret: { name: "signing", key: "cosign.pub" } } };
    const { code, reasons } = await replayed({ ...BASE, authorities: { ...BASE.authorities, key } });
    expect(code).toBe(11);
    expect([...reasons]).toEqual([
      "the key secret/signing/cosign.pub was not among the keys by which its evidence was verified",
    ]);
  });

  it("takes neither a part of the evidence nor what others were shown for all of it where an older copy may void a signature", async () => {
    folder.write("revocations.yaml", REVOCATIONS);
    const { changes, reasons } = await replayed(BASE, "--revocations", "revocations.yaml");
    expect(changes["notReplayable"]).toBe(3);
    for (const reason of reasons) expect(reason).toContain("not all evidence of ghcr.io/acme/app4");
  });

  it("judges at the given instant instead", async () => {
    const { changes } = await replayed(BASE, "--at", "2026-12-24T12:00:00Z");
    expect(changes["newlyRefused"]).toBeGreaterThan(0);
  });

  it("says that a record is changed, and vouches for nothing then", async () => {
    const [name] = readdirSync(record);
    const text = readFileSync(join(record, name!), "utf8");
    const changed = join(folder.path, "changed.jsonl");
    writeFileSync(changed, text.replace('"decision":"deny"', '"decision":"allow"'));
    folder.write("candidate.yaml", JSON.stringify(BASE));
    const { code, stderr } = await folder.mc([
      "policy",
      "replay",
      "--decisions",
      changed,
      "--candidate",
      "candidate.yaml",
    ]);
    expect(code).toBe(10);
    expect(stderr).toContain("The record is not whole: see mc record verify.");
  });

  it("replays nothing of a log, which has no facts", async () => {
    const [name] = readdirSync(record);
    const lines = readFileSync(join(record, name!), "utf8").split("\n");
    const log = join(folder.path, "log");
    writeFileSync(log, lines.filter((line) => !line.startsWith('{"msg":"facts"')).join("\n"));
    const { code, stdout } = await folder.mc([
      "policy",
      "replay",
      "--decisions",
      log,
      "--candidate",
      "candidate.yaml",
      "-o",
      "json",
    ]);
    const { changes } = Report.parse(parseJson(stdout));
    expect({ code, left: changes["notReplayable"] }).toEqual({ code: 11, left: FEW });
  });
});
