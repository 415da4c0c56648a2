import { SMALL } from "./documents.ts";
import type { GateProcess } from "./gate-process.ts";
import type { Bench } from "./measure.ts";
import { reviewOf } from "./reviews.ts";

const CONCURRENCY = 400;
const TIMES = 3;

/** How long after an edit of the policy the first answer follows it, ms, under 400 reviews at once. */
export async function measureEdit(gate: GateProcess, { registry, load }: Bench): Promise<number[]> {
  const image = registry.images.find(({ kind }) => kind === "key-legacy");
  if (image === undefined) return [];
  const bodies = [reviewOf(0, [`${registry.host}/${image.repository}@${image.digest}`])];
  const delays: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    await gate.use(SMALL);
    await load.run({ url: gate.url, bodies, concurrency: 16 });
    const running = load.run({ url: gate.url, bodies, concurrency: CONCURRENCY, seconds: 6 });
    await new Promise((resolve) => setTimeout(resolve, 3000)); // all connections are open by then
    const edited = performance.timeOrigin + performance.now();
    gate.edit({ ...SMALL, policy: "nobody" });
    const { firstDenied = Number.POSITIVE_INFINITY } = await running;
    delays.push(firstDenied - edited);
  }
  return delays;
}
