import { EXIT } from "../../src/core/index.ts";
import { isPositive } from "../../src/promotion/attest/statement.ts";
import type { Kind } from "./mint.ts";
import type { McRun } from "./processes.ts";
import { countsOf, type JudgedLine, judgedIn, keyOf, type Row, text } from "./rows.ts";
import { verifiersOf } from "./truth.ts";
import { type Placed, VERIFIER, type World } from "./world.ts";

/** Of a hundred requests, in the part that goes wrong. */
const FAULTS_PERCENT = 2;
const KILLS = [0.15, 0.4, 0.7];
const WRITERS = 4;
/** Images that all writers write to at the same time. */
const CONTESTED = 60;
const SAMPLE = 8;

function positivesOf({ images }: World): Placed[] {
  return images.filter(({ kind }) => isPositive(kind));
}

/** Kills a command at some of so many lines, with the registries going wrong in the second part, and then lets it end. */
async function killedAndResumed(
  world: World,
  args: readonly string[],
  { file, kind, all }: { readonly file: string; readonly kind: string; readonly all: number },
): Promise<{ readonly kills: number; readonly torn: number; readonly last: McRun }> {
  const lines = (): number =>
    world.mc.lines<{ kind: string }>(file).filter((line) => line.kind === kind).length;
  let [kills, torn] = [0, 0];
  const note = ({ stderr }: McRun): void => void (torn += /torn/.test(stderr) ? 1 : 0);
  for (const [at, share] of KILLS.entries()) {
    for (const front of world.fronts) front.percent = at === 1 ? FAULTS_PERCENT : 0;
    const run = await world.mc.run(args, () => lines() >= share * all);
    if (run.code === undefined) kills += 1;
    note(run);
  }
  for (const front of world.fronts) front.percent = FAULTS_PERCENT;
  note(await world.mc.run(args));
  for (const front of world.fronts) front.percent = 0;
  const last = await world.mc.run(args);
  note(last);
  return { kills, torn, last };
}

function killsWrong(kills: number): string[] {
  return kills === KILLS.length ? [] : [`it was killed ${kills} times, not ${KILLS.length}`];
}

function faultsOf({ fronts }: World): string {
  const sums: Record<string, number> = {};
  for (const { faults } of fronts)
    for (const [name, count] of Object.entries(faults)) sums[name] = (sums[name] ?? 0) + count;
  return text(sums);
}

/** The backfill: killed, resumed, with registries that fail in between. */
export async function backfilled(world: World, journal: string): Promise<Row[]> {
  const { images } = world;
  const before = world.fronts.map(({ writes }) => writes);
  const task = { file: journal, kind: "judged", all: images.length };
  const { kills, torn, last } = await killedAndResumed(world, world.backfill(journal), task);
  const lines = judgedIn(world, journal);
  const states = new Map(lines.map((line) => [keyOf(line), line.state]));
  const settled = countsOf(lines.filter(({ state }) => state !== "unknown").map(keyOf));
  const doubled = Object.values(settled).filter((count) => count > 1).length;
  const lost = images.filter(({ key }) => !states.has(key)).length;
  const wrong = images.filter(({ key, kind }) => states.get(key) !== kind);
  const sums = JSON.parse(last.stdout) as { population: number; states: Record<string, number> };
  const sum = Object.values(sums.states).reduce((total, each) => total + each, 0);
  const isWhole = sum === sums.population && sum === images.length && states.size === images.length;
  const writes = world.fronts.reduce((total, front, at) => total + front.writes - before[at]!, 0);
  return [
    {
      claim: "the sums are the population",
      seen: `${text(sums.states)}: ${sum} of ${images.length}`,
      wrong: isWhole ? [] : [`${sum} states, population ${sums.population}, ${states.size} images`],
    },
    {
      claim: "each image has the state that it was made for",
      seen: `${images.length - wrong.length} of ${images.length}`,
      wrong: wrong.slice(0, 5).map(({ key, kind }) => `${key} is ${states.get(key)}, not ${kind}`),
    },
    {
      claim: "killed with -9 three times in the middle, nothing is lost or judged twice",
      seen: `${kills} kills, ${torn} torn lines, ${lost} lost, ${doubled} judged twice`,
      wrong: [...killsWrong(kills), ...(lost + doubled > 0 ? ["lost or doubled"] : [])],
    },
    {
      claim: "it writes nothing to a registry",
      seen: `${writes} writes`,
      wrong: writes === 0 ? [] : ["it wrote"],
    },
  ];
}

/** The promotion: killed, resumed, with registries that fail before and after they do what was asked. */
export async function promoted(world: World, journal: string): Promise<Row[]> {
  const positives = positivesOf(world);
  const args = world.promote(journal, "--record", "record.jsonl");
  const task = { file: "record.jsonl", kind: "attested", all: positives.length };
  const { kills, torn, last } = await killedAndResumed(world, args, task);
  const { outcomes } = JSON.parse(last.stdout) as { outcomes: Record<string, number> };
  const summaries = await Promise.all(
    world.images.map(async (image) => ({ image, count: (await verifiersOf(image)).length })),
  );
  const wrong = summaries.filter(({ image, count }) => count !== (isPositive(image.kind) ? 1 : 0));
  return [
    {
      claim: "each promotable image has one summary, the others none, whatever failed and was killed",
      seen: `${summaries.reduce((sum, { count }) => sum + count, 0)} summaries for ${positives.length} images; ${kills} kills, ${torn} torn lines`,
      wrong: [
        ...killsWrong(kills),
        ...wrong.slice(0, 5).map(({ image, count }) => `${image.key} (${image.kind}) has ${count}`),
      ],
    },
    {
      claim: "registries answered 429, 500 and garbage in between, to reads and writes",
      seen: faultsOf(world),
      wrong: world.fronts.every(({ faults }) => Object.values(faults).every((count) => count > 0))
        ? []
        : ["not every fault happened"],
    },
    {
      claim: "the last run has nothing left that it could not tell",
      seen: text(outcomes),
      wrong: outcomes["unknown"] === 0 ? [] : [last.stderr.slice(-500)],
    },
  ];
}

/** A second run, which has nothing to do. */
export async function nothingLeft(world: World, journal: string): Promise<Row> {
  for (const front of world.fronts) front.writes = 0;
  const { stdout } = await world.mc.run(world.promote(journal));
  const { outcomes } = JSON.parse(stdout) as { outcomes: Record<string, number> };
  const writes = world.fronts.reduce((sum, front) => sum + front.writes, 0);
  const all = positivesOf(world).length;
  return {
    claim: "a second run writes nothing",
    seen: `${outcomes["present"]} of ${all} present, ${writes} writes`,
    wrong: writes === 0 && outcomes["present"] === all ? [] : ["it wrote, or not all are present"],
  };
}

/** Writers that know nothing of each other, all at the same images. */
export async function contested(world: World, journal: string): Promise<Row> {
  const positives = positivesOf(world);
  const some = [true, false].flatMap((kind) =>
    positives.filter(({ hasReferrers }) => hasReferrers === kind).slice(0, CONTESTED / 2),
  );
  const keys = new Set(some.map(({ key }) => key));
  const lines = judgedIn(world, journal).filter((line) => keys.has(keyOf(line)));
  world.write("contested.jsonl", lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  const verifiers = Array.from({ length: WRITERS }, (_, at) => `${VERIFIER}/${at}`);
  const write = (verifier: string, at: number): Promise<McRun> =>
    world.mc.run(world.promote("contested.jsonl", "--verifier", verifier, "--record", `writer-${at}.jsonl`));
  const first = await Promise.all(verifiers.map(write));
  const again = first.filter(({ code }) => code === EXIT.unknown).length;
  const runs = await Promise.all(
    first.map(async (run, at) => (run.code === EXIT.unknown ? await write(verifiers[at]!, at) : run)),
  );
  const found = await Promise.all(some.map(async (image) => ({ image, has: await verifiersOf(image) })));
  const wrong = found.filter(({ has }) => has.toSorted().join() !== [VERIFIER, ...verifiers].join());
  return {
    claim: `${WRITERS} writers at the same time on both registries lose no attestation`,
    seen: `${found.reduce((sum, { has }) => sum + has.length, 0)} of ${some.length * (WRITERS + 1)} listed for ${some.length} images; ${again} writers said 11 and ran again`,
    wrong: [
      ...runs
        .filter(({ code }) => code !== 0)
        .map(({ code, stderr }) => `exit ${code}: ${stderr.slice(-300)}`),
      ...wrong.slice(0, 5).map(({ image, has }) => `${image.key} has ${has.join(", ") || "none"}`),
    ],
  };
}

function statesIn(lines: readonly JudgedLine[]): string {
  const judged = lines.filter(({ kind }) => kind === "judged");
  return [...new Map(judged.map((line) => [keyOf(line), line.state]))]
    .map((each) => each.join(" "))
    .toSorted()
    .join("\n");
}

/** The work in three shards. */
export async function sharded(world: World, journal: string): Promise<Row> {
  const files = ["1/3", "2/3", "3/3"].map((shard) => ({ shard, file: `part-${shard[0]}.jsonl` }));
  for (const { shard, file } of files) await world.mc.run(world.backfill(file, "--shard", shard));
  const { stdout } = await world.mc.run(["backfill", "merge", ...files.map(({ file }) => file)]);
  const merged = stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as JudgedLine);
  const whole = statesIn(judgedIn(world, journal));
  const isSame = whole !== "" && statesIn(merged) === whole;
  return {
    claim: "three shards merged are the run without shards",
    seen: `${merged.filter(({ kind }) => kind === "judged").length} images, the same states`,
    wrong: isSame ? [] : ["they differ"],
  };
}

/** What the gate says in production of some images of each state. */
export async function admitted(world: World): Promise<Row> {
  const by = ["--policy", "policy.yaml", "--registries", "registries.yaml", "--namespace", "prod"];
  const expected: Readonly<Partial<Record<Kind, string>>> = {
    promotable: "admitted",
    "promotable-rebuilt": "admitted",
    "legacy-linked": "promotable/level",
    "non-promotable": "promotable/unknown",
  };
  const wrong: string[] = [];
  const seen: string[] = [];
  for (const [kind, want] of Object.entries(expected)) {
    const some = world.images.filter((image) => image.kind === kind).slice(0, SAMPLE);
    for (const { key } of some) {
      const { code, stdout, stderr } = await world.mc.run(["verify", ...by, key]);
      const said = /promotable\/[a-z-]+|attestation\/[a-z-]+/.exec(stdout + stderr)?.[0];
      const got = code === 0 ? "admitted" : (said ?? `exit ${code}`);
      seen.push(got);
      if (got !== want) wrong.push(`${key} (${kind}): ${got}, not ${want}`);
    }
  }
  return { claim: "the gate admits what was promoted, and nothing else", seen: text(countsOf(seen)), wrong };
}
