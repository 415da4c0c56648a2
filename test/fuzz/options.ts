import { readFlags } from "../support/flags.ts";

/** What a run of the fuzzer is told. */
export interface Options {
  /** For all targets together. */
  readonly seconds: number;
  readonly only: readonly string[];
  readonly seed: number;
  readonly path: string | undefined;
  /** Whether costs are compared between sizes, and nothing else is done. */
  readonly scaling: boolean;
}

const HELP = `npm run fuzz -- [options]
  --seconds N   for all targets together (120)
  --only a,b    only these targets
  --seed N      the same seed gives the same inputs (random)
  --scaling     compare what each reader costs at its largest input and at a quarter of it
  --path P      with --only and --seed: the input that failed, as it was printed
`;

const FLAGS = {
  seconds: { type: "string", default: "120" },
  only: { type: "string", default: "" },
  seed: { type: "string" },
  path: { type: "string" },
  scaling: { type: "boolean", default: false },
} as const;

/** Reads the command line; prints the help and ends where that is asked for. Throws where it cannot be read. */
export function readOptions(args: readonly string[]): Options {
  const values = readFlags(args, FLAGS, HELP);
  const only = values.only.split(",").filter((each) => each !== "");
  if (values.path !== undefined && (values.seed === undefined || only.length !== 1))
    throw new Error("--path goes with --seed and one target under --only");
  const seed = values.seed ?? String(Math.floor(Math.random() * 2 ** 31));
  return {
    seconds: whole(values.seconds),
    only,
    seed: whole(seed),
    path: values.path,
    scaling: values.scaling,
  };
}

function whole(text: string): number {
  if (!/^-?\d{1,10}$/.test(text)) throw new Error(`${text} is no whole number`);
  return Number(text);
}
