import { cpus } from "node:os";

import { runOrThrow } from "../e2e/support/process.ts";
import { buildPrograms, PROGRAMS_VARIABLE } from "../e2e/support/programs.ts";
import { readFlags } from "../support/flags.ts";
import { printMemory, printRates } from "./figures.ts";
import type { Row } from "./rows.ts";
import { admitted, backfilled, contested, nothingLeft, promoted, sharded } from "./steps.ts";
import { startWorld, type World } from "./world.ts";

const HELP = `npm run test:population -- [options]
  --images N   images that are made (1000)
  --figures    measures how fast and in how much memory instead, beside cosign; needs an idle machine
`;

/**
 * `npm run test:population`: a backfill and a promotion of a thousand images on CNCF distribution, which has no referrers API,
 * and on a registry that has one. Prints a table; exit 1 where anything is wrong.
 */
async function main(args: readonly string[]): Promise<number> {
  const flags = {
    images: { type: "string", default: "1000" },
    figures: { type: "boolean", default: false },
  } as const;
  const { images, figures } = readFlags(args, flags, HELP);
  process.env[PROGRAMS_VARIABLE] = await buildPrograms(["registry", "distribution", "cosign"]);
  const world = await startWorld(Number(images));
  try {
    const commit = (await runOrThrow("git", ["rev-parse", "--short", "HEAD"])).trim();
    const [{ model } = { model: "" }] = cpus();
    console.log(
      `${new Date().toISOString()}, commit ${commit}, ${cpus().length} processors (${model}), Node ${process.version}, ${images} images\n`,
    );
    if (!figures) return await check(world);
    await printRates(world, console.log);
    console.log();
    await printMemory(world, console.log);
    return 0;
  } finally {
    await world.stop();
  }
}

/** 0 where everything holds. */
async function check(world: World): Promise<number> {
  const rows: Row[] = [];
  const show = (row: Row): void => {
    rows.push(row);
    console.log(`| ${row.claim} | ${row.seen} | ${row.wrong.length === 0 ? "yes" : row.wrong.join("; ")} |`);
  };
  console.log("| Claim | Seen | Holds |\n| --- | --- | --- |");
  for (const row of await backfilled(world, "journal.jsonl")) show(row);
  for (const row of await promoted(world, "journal.jsonl")) show(row);
  show(await nothingLeft(world, "journal.jsonl"));
  show(await contested(world, "journal.jsonl"));
  show(await sharded(world, "journal.jsonl"));
  show(await admitted(world));
  return rows.length > 0 && rows.every(({ wrong }) => wrong.length === 0) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
