import { createHash } from "node:crypto";

import { type Digest, digestOf, type Evidence } from "../src/core/index.ts";
import { createGate, DEFAULT_LIMITS, type Gate } from "../src/gate/index.ts";
import { parsePolicy } from "../src/policy/index.ts";
import { NO_REVOCATIONS } from "../src/revocations/index.ts";
import { NO_WAIVERS, parseWaivers, type WaiverRegistry } from "../src/waivers/index.ts";

const ROUNDS = 20_000;
const PER_DOCUMENT = 2_500; // about 1 MiB, the most that one document may have
const REPOSITORY = "registry.example/bench/app";
const IMAGE = digestOf("an unsigned image");

/** How long a decision takes when lists are longer than documents may be, µs of processor time. */
export interface DecideFigures {
  readonly waivers: number;
  readonly nonPromotable: number;
  readonly microseconds: number;
}

/** The figures as lines. */
export function decideTable(figures: readonly DecideFigures[]): string[] {
  return figures.map(({ waivers, nonPromotable, microseconds }) => {
    const lists = `${waivers} waivers, ${nonPromotable} not promotable`;
    return `a decision with ${lists}: ${microseconds.toFixed(0)} us CPU`;
  });
}

/** An unsigned image that a waiver admits, judged again and again: both lists are asked each time. */
export async function measureDecide(): Promise<DecideFigures[]> {
  const sizes = [
    [1, 0],
    [10_000, 0],
    [1, 200_000],
    [10_000, 200_000],
  ] as const;
  const figures: DecideFigures[] = [];
  for (const [waivers, nonPromotable] of sizes) {
    const gate = gateWith(waiversOf(waivers), nonPromotableOf(nonPromotable));
    await judge(gate, ROUNDS / 10); // the code is warm
    const before = process.cpuUsage();
    await judge(gate, ROUNDS);
    const { user, system } = process.cpuUsage(before);
    figures.push({ waivers, nonPromotable, microseconds: (user + system) / ROUNDS });
  }
  return figures;
}

async function judge(gate: Gate, times: number): Promise<void> {
  const subjects = [{ image: `${REPOSITORY}@${IMAGE}`, place: "container app" }];
  const signal = AbortSignal.timeout(60_000);
  for (let time = 0; time < times; time += 1) {
    const { waived } = await gate.admit({
      namespace: "bench",
      mode: () => "enforce",
      subjects,
      access: {},
      signal,
    });
    if (waived.length !== 1) throw new Error("the waiver does not count");
  }
}

function gateWith(waivers: WaiverRegistry, nonPromotable: ReadonlyMap<Digest, string>): Gate {
  const policy = parsePolicy(
    `{ trustRoots: { main: { source: publicGood } },
       authorities: { release: { keyless: { trustRoot: main, issuer: i, identity: s } } },
       rules: [{ name: app, images: ["${REPOSITORY}"], require: { signature: { anyOf: [release] } } }] }`,
  );
  if (!policy.ok) throw new Error(policy.problems[0]?.message);
  return createGate({
    registry: {
      resolve: () => Promise.resolve(undefined),
      contents: ({ digest }) =>
        Promise.resolve({ digests: [digest], parts: [], absent: [], checkpoint: undefined }),
      attachments: ({ digest }) =>
        Promise.resolve({ subject: digest, found: [], skipped: [], gaps: [], searched: [] }),
    },
    verify: ({ subject }) => Promise.resolve(nothingAbout(subject)),
    trust: () => ({ generation: "1", roots: [], keys: [] }),
    policy: () => policy.value,
    waivers: () => waivers,
    revocations: () => ({ ...NO_REVOCATIONS, nonPromotable }),
    now: () => new Date(),
    observer: { phase: () => undefined, cache: () => undefined, waiting: () => undefined },
    limits: { ...DEFAULT_LIMITS, recheckAfterMs: Number.POSITIVE_INFINITY },
  });
}

function nothingAbout(subject: Digest): Evidence {
  const nothing = { signatures: [], attestations: [], rejections: [], gaps: [], searched: [] };
  return { subject, trustGeneration: "1", collectedAt: new Date(), ...nothing };
}

/** Parsed as documents are, and put together from as many as it takes. */
function waiversOf(count: number): WaiverRegistry {
  const digests = [IMAGE, ...Array.from({ length: count - 1 }, (_, at) => digestOf(`waived ${at}`))];
  const parts = Array.from({ length: Math.ceil(count / PER_DOCUMENT) }, (_, at) =>
    parsed(digests.slice(at * PER_DOCUMENT, (at + 1) * PER_DOCUMENT), at),
  );
  const waivers = parts.flatMap((part) => part.waivers);
  return { byDigest: Map.groupBy(waivers, ({ digest }) => digest), waivers, problems: [] };
}

function parsed(digests: readonly Digest[], part: number): WaiverRegistry {
  const now = Date.now();
  const waivers = digests.map((digest, at) => ({
    id: `W-${part}-${at}`,
    class: "signature",
    digest,
    reason: "The supplier signs from the next release on.",
    owners: ["team-bench"],
    created: new Date(now - 3_600_000).toISOString(),
    expires: new Date(now + 3_600_000).toISOString(),
  }));
  const read = parseWaivers(JSON.stringify({ waivers }));
  if (!read.ok) throw new Error(read.problems[0]?.message);
  return { ...NO_WAIVERS, ...read.value };
}

function nonPromotableOf(count: number): ReadonlyMap<Digest, string> {
  return new Map(
    Array.from({ length: count }, (_, at) => {
      const hex = createHash("sha256").update(`not promotable ${at}`).digest("hex");
      return [`sha256:${hex}` as Digest, "no provenance can be proven"] as const;
    }),
  );
}
