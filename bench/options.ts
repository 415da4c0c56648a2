import { readFlags } from "../test/support/flags.ts";

const SUITE_NAMES = [
  "warm",
  "cold",
  "sbom",
  "sizes",
  "decide",
  "record",
  "edit",
  "odd",
  "flood",
  "sync",
  "start",
];

/** What a run of the bench is told. */
export interface Options {
  readonly images: number;
  readonly sboms: number;
  readonly seconds: number;
  readonly rounds: number;
  readonly suites: readonly string[];
  /** Whether a case is wanted, by its name and concurrency. */
  readonly wants: (name: string, concurrency: number) => boolean;
  /** Where images are kept between runs; a fresh folder where absent. */
  readonly folder: string | undefined;
  readonly registryPort: number;
  readonly bundle: string | undefined;
  readonly against: string | undefined;
  readonly peer: { readonly url: string; readonly pid: number } | undefined;
  /** Whether a server that says yes to everything is measured in turn. */
  readonly floor: boolean;
  /** The pods' service account. */
  readonly serviceAccount: string;
  readonly nodeArguments: readonly string[];
  readonly json: boolean;
  readonly verbose: boolean;
}

const HELP = `npm run bench -- [options]
  --images N         signed images (400; the published figures: 2000)
  --sboms N          images with an SBOM of 1.4 MB (20)
  --seconds N        length of a warm case (4)
  --rounds N         how often each case is measured (1; 2 where systems are compared)
  --only a,b         of ${SUITE_NAMES.join(", ")}
  --case TEXT        only cases whose name contains it
  --c 1,64           only these concurrencies
  --folder DIR       keeps the images for the next run
  --registry-port N  a fixed port for the registry, for a peer that was started before
  --bundle FILE      mc.js of a build; built anew where absent
  --against FILE     mc.js of another build, measured in turn
  --peer URL,PID     another webhook, measured in turn; it must trust what lies in the folder
  --floor            a Node server that reads reviews and says yes, measured in turn
  --service-account NAME  of the pods ("no service account": policy-controller then asks no API server)
  --node="ARGS"      arguments for the gate's node, such as --cpu-prof
  --json             figures as JSON on stdout, the table on stderr
  --verbose          prints the first refusal or failure of each case, and where the memory is
`;

const FLAGS = {
  images: { type: "string", default: "400" },
  sboms: { type: "string", default: "20" },
  seconds: { type: "string", default: "4" },
  rounds: { type: "string", default: "1" },
  only: { type: "string", default: SUITE_NAMES.join(",") },
  case: { type: "string", default: "" },
  c: { type: "string" },
  folder: { type: "string" },
  "registry-port": { type: "string", default: "0" },
  bundle: { type: "string" },
  against: { type: "string" },
  peer: { type: "string" },
  floor: { type: "boolean", default: false },
  "service-account": { type: "string", default: "default" },
  node: { type: "string", default: "" },
  json: { type: "boolean", default: false },
  verbose: { type: "boolean", default: false },
} as const;

/** Reads the command line; prints the help and ends where that is asked for. */
export function readOptions(args: readonly string[]): Options {
  const values = readFlags(args, FLAGS, HELP);
  const concurrencies = values.c?.split(",").map(Number);
  return {
    images: Number(values.images),
    sboms: Number(values.sboms),
    seconds: Number(values.seconds),
    rounds: Number(values.rounds),
    suites: values.only.split(","),
    wants: (name, c) => name.includes(values.case) && (concurrencies?.includes(c) ?? true),
    folder: values.folder,
    registryPort: Number(values["registry-port"]),
    bundle: values.bundle,
    against: values.against,
    peer: peerOf(values.peer),
    floor: values.floor,
    serviceAccount: values["service-account"],
    nodeArguments: values.node.split(" ").filter((each) => each !== ""),
    json: values.json,
    verbose: values.verbose,
  };
}

function peerOf(text: string | undefined): Options["peer"] {
  const [url, pid] = text?.split(",") ?? [];
  return url === undefined || pid === undefined ? undefined : { url, pid: Number(pid) };
}
