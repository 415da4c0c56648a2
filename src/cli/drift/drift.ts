import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import { type Drift, findDrift, openDriftGate, reportDrift } from "../../serve/index.ts";
import { manifestFiles } from "../manifest-files.ts";
import { colour, print, readText, say } from "../terminal.ts";

/** What `mc drift` takes. */
export interface DriftCommandOptions {
  readonly file: readonly string[];
  readonly namespace?: string;
  readonly service: string;
  readonly webhookConfiguration?: string;
  readonly kubeconfig?: string;
  readonly tokenFile: string;
  readonly report?: boolean;
  readonly output: "text" | "json";
}

/** `mc drift`: prints each difference with its line. Exits 10 where there are any, 11 where something is not known. */
export async function drift(options: DriftCommandOptions): Promise<ExitCode> {
  if (options.file.length === 0) throw new UsageError("name the files with -f");
  const files = manifestFiles(options.file).map((file) => ({ file, text: readText(file) }));
  if (files.length === 0)
    throw new UsageError(`no .yaml, .yml or .json file under ${options.file.join(", ")}`);
  readText(options.tokenFile); // a mistake in the set-up, not in a replica
  const { service, webhookConfiguration: configuration = service } = options;
  const gate = await openDriftGate({
    ...options,
    service,
    configuration,
    token: () => readText(options.tokenFile).trim(),
  });
  try {
    const found = await findDrift(gate.deps, { files, namespace: gate.namespace, configuration });
    const unreported = options.report ? await reportDrift(gate.deps, found.counts) : [];
    tell({ ...found, unknown: [...found.unknown, ...unreported] }, options);
    return exitCodeOf(found.differences.length, found.unknown.length + unreported.length);
  } finally {
    await gate.close();
  }
}

function exitCodeOf(differences: number, unknown: number): ExitCode {
  if (differences > 0) return EXIT.refused;
  return unknown > 0 ? EXIT.unknown : EXIT.allowed;
}

function tell(found: Drift, { output }: Pick<DriftCommandOptions, "output">): void {
  if (output === "json") {
    print(JSON.stringify(found, undefined, 2));
    return;
  }
  const { differences, unknown, skipped, replicas } = found;
  for (const { part, file, line, column, path, message, replicas: where } of differences) {
    const on = where.length === 0 || where.length === replicas.length ? "" : ` on ${where.join(", ")}`;
    print(`${file}:${line}:${column}: ${path === "" ? "" : `${path}: `}${message}${on} [${part}]`);
  }
  for (const each of unknown) print(`${colour("yellow", "unknown")}  ${each}`);
  for (const each of skipped) say(`not compared: ${each}`);
  const of = `${replicas.length} replica(s)`;
  const rest = unknown.length > 0 ? `, ${unknown.length} not known` : "";
  say(
    `${differences.length === 0 ? "No difference" : `${differences.length} difference(s)`} in ${of}${rest}.`,
  );
}
