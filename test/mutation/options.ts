import { readFlags } from "../support/flags.ts";

/** The folders of src that decide. */
const FOLDERS: readonly string[] = ["gate", "waivers", "revocations", "policy", "verify", "core"];

/** What a run is told. */
export interface Options {
  readonly folders: readonly string[];
  /** For all folders together; no limit where absent. */
  readonly minutes: number | undefined;
  /** How many top-level declarations of each folder; all of them where absent. */
  readonly sample: number | undefined;
  readonly seed: number;
  readonly results: string;
  /** Whether mutants of what is evaluated once, when a module is loaded, are tried, too. */
  readonly static: boolean;
  /** Whether mutants that survived are tried again. */
  readonly again: boolean;
}

const HELP = `npm run mutation -- [options]
  --only a,b     only these folders of src (${FOLDERS.join(",")})
  --minutes N    stop after so long; the next run goes on from there
  --sample N     only N top-level declarations of each folder, picked by the seed
  --seed N       (1)
  --results DIR  where results are kept (.mutation)
  --static       also what is evaluated when a module is loaded: schemas, tables, patterns; slow
  --again        try again what survived before
`;

const FLAGS = {
  only: { type: "string", default: FOLDERS.join(",") },
  minutes: { type: "string" },
  sample: { type: "string" },
  seed: { type: "string", default: "1" },
  results: { type: "string", default: ".mutation" },
  static: { type: "boolean", default: false },
  again: { type: "boolean", default: false },
} as const;

/** Reads the command line; prints the help and ends where that is asked for. Throws where it cannot be read. */
export function readOptions(args: readonly string[]): Options {
  const values = readFlags(args, FLAGS, HELP);
  const folders = values.only.split(",").filter((each) => each !== "");
  const unknown = folders.find((each) => !FOLDERS.includes(each));
  if (unknown !== undefined) throw new Error(`no folder ${unknown}; there are ${FOLDERS.join(", ")}`);
  const { results, static: withStatic, again } = values;
  const [minutes, sample] = [countIn(values.minutes), countIn(values.sample)];
  return { folders, minutes, sample, seed: Number(values.seed), results, static: withStatic, again };
}

function countIn(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${text} is no whole number above 0`);
  return Number(text);
}
