import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { askGate } from "../src/cli/presync/ask-gate.ts";
import { TOKEN } from "../test/support/presync-world.ts";
import { type DocumentSizes, SMALL } from "./documents.ts";
import type { GateOptions } from "./gate-process.ts";
import type { Kind } from "./images.ts";
import { cpuMs } from "./process-figures.ts";
import type { BenchRegistry } from "./registry.ts";
import { startSyncGate, type SyncGate } from "./sync-gate.ts";
import { startSyncWorld, type SyncWorld } from "./sync-world.ts";

const IMAGES = 50;
const UNCOUNTED = 2;
const MIN_ROUNDS = 3;

interface SyncCase {
  readonly name: string;
  readonly kind: Kind;
  readonly sizes: DocumentSizes;
  readonly delayMs: number;
}

const KEY = { name: "key", kind: "key-legacy", sizes: SMALL } as const;
const KEYLESS = {
  name: "keyless",
  kind: "keyless-bundle",
  sizes: { ...SMALL, policy: "provenance" },
} as const;
const CASES: readonly SyncCase[] = [KEY, KEYLESS].flatMap((each) => [
  { ...each, delayMs: 0 },
  { ...each, delayMs: 20 },
]);

/** What one question of a hook cost. Times in ms; requests by whom they went to. */
interface Question {
  readonly ms: number;
  readonly cpuMs: number;
  readonly registry: number;
  readonly argoCd: number;
  readonly api: number;
}

/** What a case came to, a value for each round. */
export interface SyncFigures {
  readonly case: string;
  readonly delayMs: number;
  /** Nothing is known of the images. */
  readonly cold: readonly Question[];
  /** The same images, at a revision that was not rendered before. */
  readonly warm: readonly Question[];
  /** The same question once more. */
  readonly again: readonly Question[];
  /** `mc presync` as a process, from its start to its end, at a new revision: cold and warm, ms. */
  readonly commandCold: readonly number[];
  readonly commandWarm: readonly number[];
}

interface Means {
  readonly gate: SyncGate;
  readonly world: SyncWorld;
  readonly registry: BenchRegistry;
}

/** How long a sync of 50 images waits for the gate. Throws where an answer is not "allowed". */
export async function measureSync(
  options: GateOptions,
  registry: BenchRegistry,
  rounds: number,
): Promise<SyncFigures[]> {
  const world = await startSyncWorld();
  const gate = await startSyncGate({ ...options, folder: join(options.folder, "sync") }, world);
  const means = { gate, world, registry };
  const all: SyncFigures[] = [];
  for (const each of CASES) all.push(await measureCase(each, means, Math.max(rounds, MIN_ROUNDS)));
  await registry.set({ delayMs: 0 });
  await gate.stop();
  world.stop();
  return all;
}

type Round = Readonly<Record<"cold" | "warm" | "again", Question>> &
  Readonly<Record<"commandCold" | "commandWarm", number>>;

async function measureCase(each: SyncCase, means: Means, rounds: number): Promise<SyncFigures> {
  const images = imagesOf(each.kind, means.registry);
  await means.registry.set({ delayMs: each.delayMs });
  const all: Round[] = [];
  for (let at = 0; at < UNCOUNTED + rounds; at += 1) all.push(await round(each.sizes, images, means));
  const counted = all.slice(UNCOUNTED); // before, it is the code that is cold
  return {
    case: each.name,
    delayMs: each.delayMs,
    cold: counted.map(({ cold }) => cold),
    warm: counted.map(({ warm }) => warm),
    again: counted.map(({ again }) => again),
    commandCold: counted.map(({ commandCold }) => commandCold),
    commandWarm: counted.map(({ commandWarm }) => commandWarm),
  };
}

async function round(sizes: DocumentSizes, images: readonly string[], means: Means): Promise<Round> {
  const { gate, world } = means;
  const next = (): Promise<void> => world.sync({ images, revision: randomBytes(20).toString("hex") });
  await next();
  await gate.use(sizes);
  const cold = await ask(means);
  await next();
  const warm = await ask(means);
  const again = await ask(means);
  await next();
  const commandWarm = await runHook(gate);
  await next();
  await gate.use(sizes);
  return { cold, warm, again, commandWarm, commandCold: await runHook(gate) };
}

function imagesOf(kind: Kind, { host, images }: BenchRegistry): string[] {
  const names = images
    .filter((each) => each.kind === kind)
    .map(({ repository, digest }) => `${host}/${repository}@${digest}`);
  if (names.length < IMAGES) throw new Error(`--only sync needs --images ${4 * IMAGES}`);
  return names.slice(0, IMAGES);
}

async function ask(means: Means): Promise<Question> {
  const { gate } = means;
  const before = await countsOf(means);
  const started = performance.now();
  const url = new URL(gate.url);
  const report = await askGate({ url, token: TOKEN, ca: gate.ca, signal: AbortSignal.timeout(60_000) });
  const ms = performance.now() - started;
  if (report.decision !== "allowed" || report.images.length !== IMAGES)
    throw new Error(`the gate answered otherwise: ${report.reason}`);
  const after = await countsOf(means);
  return {
    ms,
    cpuMs: after.cpuMs - before.cpuMs,
    registry: after.registry - before.registry,
    argoCd: after.argoCd - before.argoCd,
    api: after.api - before.api,
  };
}

async function countsOf({ gate, world, registry }: Means): Promise<Omit<Question, "ms">> {
  const requests = Object.values(await registry.counts()).reduce((sum, one) => sum + one, 0);
  return { cpuMs: cpuMs(gate.pid), registry: requests, ...(await world.counts()) };
}

async function runHook(gate: SyncGate): Promise<number> {
  const started = performance.now();
  const code = await gate.hook();
  if (code !== 0) throw new Error(`mc presync ended with ${code}`);
  return performance.now() - started;
}
