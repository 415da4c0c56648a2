import { readFileSync } from "node:fs";
import { join } from "node:path";

import { run } from "../e2e/support/process.ts";
import { program } from "../e2e/support/programs.ts";
import { startManyImages } from "./many-images.ts";
import type { Mc, McRun } from "./processes.ts";
import type { Placed, World } from "./world.ts";

/** Images that cosign is asked about, one after the other. */
const BY_COSIGN = 40;
const SIZES = [1_000, 10_000, 100_000];

type Print = (line: string) => void;

function rate(count: number, ms: number): string {
  return ((count * 1000) / ms).toFixed(1);
}

function ended({ code, stderr }: McRun): void {
  if (code !== 0 && code !== 10) throw new Error(`exit ${code}: ${stderr.slice(-500)}`);
}

/** Digests a second: cold, with a journal that holds half of them, and by `cosign verify-attestation` in a loop. */
export async function printRates(world: World, print: Print): Promise<void> {
  for (const front of world.fronts) front.sick.clear();
  const all = world.images.length;
  const cold = await world.mc.run(world.backfill("cold.jsonl"));
  ended(cold);
  const lines = readFileSync(join(world.mc.folder, "cold.jsonl"), "utf8").split("\n");
  const judged = lines.filter((line) => line.includes('"kind":"judged"'));
  world.write("half.jsonl", [lines[0], ...judged.slice(0, all / 2), ""].join("\n"));
  const half = await world.mc.run(world.backfill("half.jsonl"));
  ended(half);
  print("| What | Digests | Seconds | Digests a second | Most memory, MiB |");
  print("| --- | ---: | ---: | ---: | ---: |");
  const row = (what: string, count: number, { ms, peak }: Pick<McRun, "ms" | "peak">): void =>
    print(`| ${what} | ${count} | ${(ms / 1000).toFixed(1)} | ${rate(count, ms)} | ${peak || ""} |`);
  row("`mc backfill run`, cold", all, cold);
  row("`mc backfill run`, half of them in the journal", all, half);
  for (const hasReferrers of [true, false]) {
    const some = world.images.filter((each) => each.isKeySigned && each.hasReferrers === hasReferrers);
    const ms = await verifyByCosign(some.slice(0, BY_COSIGN), world.mc.folder);
    row(
      `\`cosign verify-attestation\`, registry ${hasReferrers ? "with" : "without"} referrers API`,
      Math.min(BY_COSIGN, some.length),
      { ms, peak: 0 },
    );
  }
}

/** Those that a key signed; the time of these alone. */
async function verifyByCosign(images: readonly Placed[], folder: string): Promise<number> {
  const began = performance.now();
  let verified = 0;
  for (const { key } of images) {
    const how = ["--type", "slsaprovenance1", "--key", join(folder, "builder.pub"), "--insecure-ignore-tlog"];
    const plain = ["--allow-http-registry", "--allow-insecure-registry"];
    const { code, stderr } = await run(program("cosign"), ["verify-attestation", ...how, ...plain, key]);
    if (code !== 0) throw new Error(stderr.slice(-500));
    verified += 1;
  }
  if (verified === 0) throw new Error("cosign verified nothing");
  return performance.now() - began;
}

/** The most memory for more and more images: of an inventory, a backfill, and one that its journal answers. */
export async function printMemory(world: Folder, print: Print): Promise<void> {
  print("| Images | `mc inventory` | `mc backfill run`, cold | with all in the journal |");
  print("| ---: | ---: | ---: | ---: |");
  for (const size of SIZES) {
    const runs = await runsOf(size, world);
    const cells = runs.map(({ peak, ms }) => `${peak} MiB, ${rate(size, ms)} a second`);
    print(`| ${size.toLocaleString("en")} | ${cells.join(" | ")} |`);
  }
}

type Folder = { readonly mc: Mc; readonly write: World["write"] };

async function runsOf(size: number, { mc, write }: Folder): Promise<McRun[]> {
  const registry = await startManyImages(size);
  try {
    const hosts = { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
    const policy = readFileSync(join(mc.folder, "policy.yaml"), "utf8");
    write("many-registries.yaml", JSON.stringify({ hosts }));
    write("many.txt", registry.references.join("\n"));
    write("many-policy.yaml", policy.replaceAll(/127\.0\.0\.1:\d+\/\*\*/g, `${registry.host}/**`));
    const images = ["--images", "many.txt", "--registries", "many-registries.yaml"];
    const by = ["--policy", "many-policy.yaml", "--namespace", "build", "--revocations", "revocations.yaml"];
    const judging = ["backfill", "run", ...images, ...by, "--journal", `many-${size}.jsonl`];
    const runs: McRun[] = [];
    for (const args of [["inventory", ...images], judging, judging]) {
      const done = await mc.run(args);
      ended(done);
      runs.push(done);
    }
    return runs;
  } finally {
    await registry.stop();
  }
}
