import { SMALL } from "./documents.ts";
import type { GateProcess } from "./gate-process.ts";
import { type LoadResult, startLoad } from "./load.ts";
import type { Bench } from "./measure.ts";
import { reviewOf } from "./reviews.ts";

const CONCURRENCY = 4;
const SECONDS = 8;
/** Reviews of a tenant's that are under way at once. */
const FLOOD = 2;

/** Reviews of a known image by themselves, and while a tenant sends objects that cost more than their bytes. */
export interface OddFigures {
  readonly quiet: LoadResult;
  readonly flooded: readonly {
    readonly name: string;
    readonly meanwhile: LoadResult;
    readonly odd: LoadResult;
  }[];
}

/** Measures both, one kind of object after another; undefined where there is no image. */
export async function measureOdd(
  gate: GateProcess,
  { registry, load }: Bench,
): Promise<OddFigures | undefined> {
  const image = registry.images.find(({ kind }) => kind === "key-legacy");
  if (image === undefined) return undefined;
  const review = reviewOf(0, [`${registry.host}/${image.repository}@${image.digest}`]);
  await gate.use(SMALL);
  const ordinary = { url: gate.url, bodies: [review], concurrency: CONCURRENCY, seconds: SECONDS };
  await load.run({ ...ordinary, seconds: 2 });
  const quiet = await load.run(ordinary);
  const flooded = [];
  for (const [name, field] of Object.entries(ODD)) {
    const tenant = startLoad();
    const odd = tenant.run({ ...ordinary, bodies: [withField(review, field())], concurrency: FLOOD });
    flooded.push({ name, meanwhile: await load.run(ordinary), odd: await odd });
    tenant.stop();
  }
  return { quiet, flooded };
}

/** What stands in a pod's metadata, where nobody reads it, as JSON. */
const ODD: Readonly<Record<string, () => string>> = {
  "200,000 keys with escapes": () => fieldsOf(200_000, (at) => `"\\n${at}":"v"`),
  "140,000 plain keys": () => fieldsOf(140_000, (at) => `"key-${at}":"v"`),
  "2 MB of brackets": () => "[".repeat(1_000_000) + "]".repeat(1_000_000),
};

function fieldsOf(count: number, field: (at: number) => string): string {
  return `{${Array.from({ length: count }, (_, at) => field(at)).join(",")}}`;
}

function withField(review: string, json: string): string {
  return review.replace('"metadata":{', () => `"metadata":{"odd":${json},`);
}

/** The figures as lines. */
export function oddTable({ quiet, flooded }: OddFigures): string[] {
  const rows = flooded.map(
    ({ name, meanwhile, odd }) =>
      `beside pods with ${name}: ${timesOf(meanwhile)} (the pods themselves: ${timesOf(odd)})`,
  );
  return [`known image, c=${CONCURRENCY}: ${timesOf(quiet)}`, ...rows];
}

function timesOf({ p50, p99, longest }: LoadResult): string {
  return `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms, longest ${longest.toFixed(0)} ms`;
}
