import { once } from "node:events";
import { type AddressInfo, createServer, type Server } from "node:net";
import { join } from "node:path";

import { bodiesOf, SUITES } from "./cases.ts";
import { type GateOptions, startGate } from "./gate-process.ts";
import { type LoadResult, startLoad } from "./load.ts";
import type { BenchRegistry } from "./registry.ts";
import { reviewOf } from "./reviews.ts";

const HOSTS = 5;
const PODS = 40;
const IMAGES_A_POD = 25;
const FLOOD_SECONDS = 15;
const NEW_AT_ONCE = 8;

/** How new images of one namespace fare, alone and while another hangs look-ups on hosts that never answer. */
export interface FloodFigures {
  readonly quiet: LoadResult;
  readonly flooded: LoadResult;
}

/** The figures as lines. */
export function floodTable({ quiet, flooded }: FloodFigures): string[] {
  return [
    row("alone", quiet),
    row(`beside ${PODS * IMAGES_A_POD} look-ups that hang on ${HOSTS} hosts`, flooded),
  ];
}

function row(name: string, { reviews, denied, failed, p50, p99 }: LoadResult): string {
  const times = `p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms`;
  return `${name}: ${reviews} new images, ${denied + failed} not admitted, ${times}`;
}

/** Measures a gate of its own. */
export async function measureFlood(options: GateOptions, registry: BenchRegistry): Promise<FloodFigures> {
  const servers = await Promise.all(Array.from({ length: HOSTS }, silentServer));
  const silent = servers.map((server) => `127.0.0.1:${(server.address() as AddressInfo).port}`);
  const gate = await startGate({
    ...options,
    folder: join(options.folder, "flood"),
    registry: { ...options.registry, silent },
  });
  const [load, flood] = [startLoad(), startLoad()];
  const cold = SUITES.flatMap(({ cases }) => cases).find(({ name }) => name === "cold key")!;
  const bodies = bodiesOf(cold, registry, "default");
  const half = Math.floor(bodies.length / 2);
  const { url } = gate;
  await load.run({ url, bodies: bodies.slice(0, 16), concurrency: NEW_AT_ONCE }); // the code is warm
  const quiet = await load.run({ url, bodies: bodies.slice(16, half), concurrency: NEW_AT_ONCE });
  const flooding = flood.run({
    url,
    bodies: Array.from({ length: PODS }, (_, pod) => floodPod(pod, silent)),
    concurrency: PODS,
    seconds: FLOOD_SECONDS,
  });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const flooded = await load.run({ url, bodies: bodies.slice(half), concurrency: NEW_AT_ONCE });
  await flooding;
  load.stop();
  flood.stop();
  await gate.stop();
  for (const server of servers) server.close();
  return { quiet, flooded };
}

/** Takes connections and says nothing. */
async function silentServer(): Promise<Server> {
  const server = createServer((socket) => void socket.on("error", () => undefined));
  server.listen(0, "127.0.0.1").unref();
  await once(server, "listening");
  return server;
}

function floodPod(pod: number, hosts: readonly string[]): string {
  const images = Array.from({ length: IMAGES_A_POD }, (_, nth) => {
    const at = pod * IMAGES_A_POD + nth;
    return `${hosts[at % hosts.length]}/bench/hung@sha256:${at.toString(16).padStart(64, "0")}`;
  });
  return reviewOf(pod, images).replaceAll('"namespace":"bench"', '"namespace":"flood"');
}
