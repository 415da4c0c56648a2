import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { type Digest, digestOf, type Verdict } from "../src/core/index.ts";
import { createGate, DEFAULT_LIMITS, type Gate } from "../src/gate/index.ts";
import type { Policy } from "../src/policy/index.ts";
import { type DigestOfDocument, openRecord, type Recorder } from "../src/record/index.ts";
import { NO_REVOCATIONS } from "../src/revocations/index.ts";
import { recordDecision } from "../src/serve/logs/decision-log.ts";
import { createLogSink } from "../src/serve/logs/log-sink.ts";
import { NO_WAIVERS } from "../src/waivers/index.ts";
import { aPolicy, aSignature, evidenceOf } from "../test/support/policies.ts";
import type { Figures } from "./measure.ts";

const IMAGES = 400;
const BURST = 32; // decisions of one turn of the event loop, as a server under load has them
const BURSTS = 150; // of one round
const ROUNDS = 9;
const MIB = 1024 * 1024;

/** Processor time of recording one admitted review of one image, µs: the line, both places it is written to, and the hash. */
export interface RecordFigures {
  readonly stdout: number;
  readonly files: number;
}

/** The figures as lines, also as parts of what a warm review of one image cost the server in the same run. */
export function recordTable({ stdout, files }: RecordFigures, figures: readonly Figures[]): string[] {
  const warm = figures.filter((each) => each.case === "warm" && each.concurrency > 1);
  const review = median(warm.map(({ cpuMsPerReview }) => cpuMsPerReview * 1000));
  const part = (us: number): string =>
    review === undefined
      ? ""
      : `, ${((us / review) * 100).toFixed(1)} % of a warm review (${review.toFixed(0)} us)`;
  return [
    `recording a decision on standard output: ${stdout.toFixed(1)} us CPU${part(stdout)}`,
    `and in files, with facts: ${files.toFixed(1)} us CPU${part(files)}`,
  ];
}

/** Warm decisions are made once, and recorded again and again: making them is not in the figure. */
export async function measureRecord(): Promise<RecordFigures> {
  const policy = aPolicy(
    `{ trustRoots: { main: { source: publicGood } },
       authorities: { release: { keyless: { trustRoot: main, issuer: i, identity: s } } },
       rules: [{ name: app, images: ["registry.example/**"], require: { signature: { anyOf: [release] } } }] }`,
  );
  const verdicts = await verdictsBy(policy);
  const digest = digestOf("the policy's text");
  const digestOfDocument: DigestOfDocument = (document) => (document === policy ? digest : undefined);
  const folder = mkdtempSync(join(tmpdir(), "mc-bench-record-"));
  const sink = openSync("/dev/null", "w");
  const recorders = [await recorderTo(sink, undefined), await recorderTo(sink, folder)];
  try {
    const rounds = { stdout: [] as number[], files: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [at, name] of (["stdout", "files"] as const).entries())
        rounds[name].push(await record(verdicts, recorders[at]!, digestOfDocument));
    return { stdout: median(rounds.stdout)!, files: median(rounds.files)! };
  } finally {
    for (const { close } of recorders) await close();
    closeSync(sink);
    rmSync(folder, { recursive: true });
  }
}

/** The middle one: what else the machine does costs some rounds more. */
function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}

function fail(what: string): () => never {
  return () => {
    throw new Error(`the record ${what}`);
  };
}

async function recorderTo(fd: number, folder: string | undefined): Promise<Recorder> {
  const sink = createLogSink({ fd, onDropped: fail("drops lines"), maxBytes: 64 * MIB });
  const recorder = await openRecord({
    pod: "mc-gate-7d4f9c6b58-x2x9q",
    pid: process.pid,
    build: "0.0.0",
    now: () => new Date(),
    namesUsers: true,
    sink,
    files: folder === undefined ? undefined : keptIn(folder),
    onLost: fail("loses lines"),
    onProblem: fail("has a problem"),
  });
  const close = async (): Promise<void> => {
    await recorder.close();
    await sink.flush(10_000);
  };
  return { write: recorder.write, document: recorder.document, unkept: recorder.unkept, close };
}

function keptIn(folder: string) {
  const forever = Number.MAX_SAFE_INTEGER;
  return { folder, fileBytes: 64 * MIB, folderBytes: 1024 * MIB, keepMs: forever, namesMs: forever };
}

async function record(
  verdicts: readonly Verdict[],
  recorder: Recorder,
  digestOfDocument: DigestOfDocument,
): Promise<number> {
  const before = process.cpuUsage();
  for (let burst = 0; burst < BURSTS; burst += 1) {
    for (let at = 0; at < BURST; at += 1)
      recordDecision(reviewed(verdicts, burst * BURST + at), recorder, digestOfDocument);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / (BURST * BURSTS);
}

function reviewed(verdicts: readonly Verdict[], at: number): Parameters<typeof recordDecision>[0] {
  return {
    uid: `705ab4f5-6393-11e8-b7cc-${String(at).padStart(12, "0")}`,
    namespace: "bench",
    kind: "Pod",
    name: `app-${at % IMAGES}`,
    user: "system:serviceaccount:kube-system:replicaset-controller",
    operation: "CREATE",
    dryRun: false,
    caller: "verified",
    verdict: verdicts[at % verdicts.length]!,
    seconds: 0.002,
  };
}

function gateBy(policy: Policy): Gate {
  const at = new Date();
  const signer = { kind: "keyless", identity: "s", issuer: "i", claims: {}, trustRoot: "main" } as const;
  const evidence = (subject: Digest) => ({
    ...evidenceOf({ signatures: [aSignature({ signer })] }),
    subject,
    collectedAt: at,
  });
  return createGate({
    registry: {
      resolve: () => Promise.resolve(undefined),
      contents: ({ digest }) =>
        Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: ({ digest }) =>
        Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] }),
    },
    verify: ({ subject }) => Promise.resolve(evidence(subject)),
    trust: () => TRUST,
    policy: () => policy,
    waivers: () => NO_WAIVERS,
    revocations: () => NO_REVOCATIONS,
    now: () => at,
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: { ...DEFAULT_LIMITS, recheckAfterMs: Number.POSITIVE_INFINITY },
  });
}

async function verdictsBy(policy: Policy): Promise<Verdict[]> {
  const gate = gateBy(policy);
  const admitted: Verdict[] = [];
  for (let number = 0; number < IMAGES; number += 1) {
    const verdict = await gate.admit({
      namespace: "bench",
      mode: () => "enforce",
      subjects: [
        { image: `registry.example/bench/app@${digestOf(`image ${number}`)}`, place: "container app" },
      ],
      access: {},
      signal: AbortSignal.timeout(60_000),
    });
    if (verdict.decision !== "allow") throw new Error("the image is not admitted");
    admitted.push(verdict);
  }
  return admitted;
}

const TRUST = { generation: "1", roots: [], keys: [] };
