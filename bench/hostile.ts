import { join } from "node:path";

import { type GateOptions, startGate } from "./gate-process.ts";
import { startHelper } from "./helper-process.ts";
import { type LoadOrder, type LoadResult, startLoad } from "./load.ts";
import type { BenchRegistry } from "./registry.ts";
import { reviewOf } from "./reviews.ts";

const CONCURRENCY = 4;
const SECONDS = 10;
/** Reviews of the tenant's that are under way at once, and images of each; none of them is known. */
const [FLOOD, IMAGES_A_POD, PODS] = [6, 10, 400];

/** What each registry of the tenant's does. */
const REGISTRIES = {
  full: "lists and manifests of 4 MB, full of annotations",
  slow: "lists without an end, and manifests byte by byte",
} as const;

/** Reviews of a known image by themselves, and while a tenant names images of a registry that means harm. */
export interface HostileFigures {
  readonly quiet: LoadResult;
  readonly beside: readonly {
    readonly name: string;
    readonly meanwhile: LoadResult;
    readonly sent: string;
  }[];
}

/** Measures a gate of its own; undefined where there is no image. */
export async function measureHostile(
  options: GateOptions,
  registry: BenchRegistry,
): Promise<HostileFigures | undefined> {
  const image = registry.images.find(({ kind }) => kind === "key-legacy");
  if (image === undefined) return undefined;
  const helper = startHelper("hostile-registry-process.ts");
  const hosts = await helper.call<Record<keyof typeof REGISTRIES, string>>("hosts");
  const gate = await startGate({
    ...options,
    folder: join(options.folder, "hostile"),
    registry: { ...options.registry, plain: Object.values(hosts) },
  });
  const [load, tenant] = [startLoad(), startLoad()];
  const review = reviewOf(0, [`${registry.host}/${image.repository}@${image.digest}`]);
  const ordinary = { url: gate.url, bodies: [review], concurrency: CONCURRENCY, seconds: SECONDS };
  await load.run({ ...ordinary, seconds: 2 });
  const quiet = await load.run(ordinary);
  const beside = [];
  for (const [key, name] of Object.entries(REGISTRIES)) {
    const flood = tenant.run(floodOf(gate.url, hosts[key as keyof typeof hosts]));
    const meanwhile = await load.run(ordinary);
    await flood;
    const { requests, bytes } = await helper.call<{ requests: number; bytes: number }>("stats");
    beside.push({ name, meanwhile, sent: `${requests} requests, ${(bytes / 1e6).toFixed(0)} MB so far` });
  }
  for (const { stop } of [load, tenant, helper]) stop();
  await gate.stop();
  return { quiet, beside };
}

/** Pods of another namespace, whose images nobody has seen. */
function floodOf(url: string, host: string): LoadOrder {
  const bodies = Array.from({ length: PODS }, (_, pod) => {
    const images = Array.from({ length: IMAGES_A_POD }, (_image, nth) => {
      const hex = (pod * IMAGES_A_POD + nth + 1).toString(16).padStart(64, "0");
      return `${host}/bench/hostile@sha256:${hex}`;
    });
    return reviewOf(pod, images).replaceAll('"namespace":"bench"', '"namespace":"tenant"');
  });
  return { url, bodies, concurrency: FLOOD, seconds: SECONDS };
}

/** The figures as lines. */
export function hostileTable({ quiet, beside }: HostileFigures): string[] {
  const rows = beside.map(({ name, meanwhile, sent }) => {
    const times = (meanwhile.p99 / quiet.p99).toFixed(1);
    return `beside images of a registry with ${name} (${sent}): ${timesOf(meanwhile)}; p99 ${times} times the quiet one`;
  });
  return [`known image, c=${CONCURRENCY}: ${timesOf(quiet)}`, ...rows];
}

function timesOf({ p50, p99, longest, denied, failed }: LoadResult): string {
  const times = `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(0)} ms`;
  return `${times}, ${denied + failed} not admitted`;
}
