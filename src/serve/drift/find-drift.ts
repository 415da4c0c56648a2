import { asFault, eachAtMost, printable, UsageError } from "../../core/index.ts";
import { readPlain } from "../../documents/index.ts";
import {
  DRIFT_PARTS,
  type DriftCounts,
  type DriftPart,
  type GateState,
  FILED_TEXTS,
  type FiledText,
} from "../state/gate-state.ts";
import { compareValues, type ValueDifference } from "./compare-values.ts";
import { compareWebhooks } from "./compare-webhooks.ts";
import { type DriftDeps, DriftError, type Replica } from "./ports.ts";
import {
  type DocumentSource,
  readWanted,
  type Wanted,
  type WantedFile,
  type WantedState,
} from "./wanted-files.ts";

/** Differences of one part that are listed. */
const MAX_LISTED = 200;
const MAX_REPLICAS = 200;
const ASKED_AT_ONCE = 8;
const MAX_VALUE = 160;

/** One place where a file and what is in force say different things. */
export interface Difference {
  readonly part: DriftPart;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Keys from the top, joined by dots; empty for the whole. */
  readonly path: string;
  /** What differs, for people. */
  readonly message: string;
  /** Replicas that have it; empty for the webhooks, which the cluster has once. */
  readonly replicas: readonly string[];
}

/** What a comparison came to. */
export interface Drift {
  readonly version: 1;
  readonly replicas: readonly { readonly name: string; readonly build: string }[];
  readonly differences: readonly Difference[];
  /** What could not be compared, and why. */
  readonly unknown: readonly string[];
  /** What was not compared, because no file has it. */
  readonly skipped: readonly string[];
  readonly counts: DriftCounts;
}

/** What is compared. */
export interface DriftOptions {
  readonly files: readonly WantedFile[];
  readonly namespace: string;
  /** Name of the ValidatingWebhookConfiguration. */
  readonly configuration: string;
}

interface AskedReplica {
  readonly replica: Replica;
  readonly state: GateState;
}

interface Findings {
  readonly differences: Difference[];
  readonly unknown: string[];
  readonly skipped: string[];
  readonly compared: Set<DriftPart>;
}

/**
 * Compares the documents, the settings and the webhooks that are in force, on every replica, with files. Throws UsageError
 * where the files hold none of them, or one of them twice.
 */
export async function findDrift(deps: DriftDeps, options: DriftOptions): Promise<Drift> {
  const findings: Findings = { differences: [], unknown: [], skipped: [], compared: new Set() };
  const asked = await askReplicas(deps, findings);
  const sources = sourcesOf(asked[0]?.state, options.namespace);
  const wanted = readWanted(options.files, { sources, configuration: options.configuration });
  for (const { file, line, message } of wanted.unreadable)
    findings.unknown.push(`${file}:${line}: cannot be read, so that it may hold any of them: ${message}`);
  for (const name of FILED_TEXTS) await compareDocument(name, { wanted, asked, deps, findings });
  await compareConfiguration(wanted, { deps, findings, name: options.configuration });
  if (findings.compared.size === 0 && findings.unknown.length === 0)
    throw new UsageError(
      `no file holds a document of the gate: ConfigMaps ${sources.map(({ configMap }) => configMap).join(", ")}, the webhook configuration ${options.configuration}, or files named ${sources.map(({ key }) => key).join(", ")}`,
    );
  return reportOf(asked, findings);
}

/** Leaves the counts with every replica; what could not be left, and why. */
export async function reportDrift(deps: DriftDeps, counts: DriftCounts): Promise<readonly string[]> {
  const unknown: string[] = [];
  const replicas = (await orUnknown("the replicas", unknown, deps.replicas)) ?? [];
  for (const replica of replicas.filter(({ isTerminating }) => !isTerminating).slice(0, MAX_REPLICAS))
    await orUnknown(`the report to replica ${replica.name}`, unknown, () => deps.report(replica, counts));
  return unknown;
}

function reportOf(asked: readonly AskedReplica[], findings: Findings): Drift {
  const { differences, unknown, skipped, compared } = findings;
  const counted = DRIFT_PARTS.filter((part) => compared.has(part)).map(
    (part) => [part, differences.filter((each) => each.part === part).length] as const,
  );
  return {
    version: 1,
    replicas: asked.map(({ replica, state }) => ({ name: replica.name, build: state.build })),
    differences,
    unknown,
    skipped,
    counts: { version: 1, differences: Object.fromEntries(counted), unknown: unknown.length },
  };
}

async function askReplicas(deps: DriftDeps, { unknown, skipped }: Findings): Promise<AskedReplica[]> {
  const replicas = await orUnknown("the replicas", unknown, deps.replicas);
  const lasting = (replicas ?? []).filter(({ isTerminating }) => !isTerminating);
  for (const { name, isTerminating } of replicas ?? [])
    if (isTerminating) skipped.push(`replica ${name}, which is stopping`);
  if (replicas !== undefined && lasting.length === 0) unknown.push("the Service has no replica");
  if (lasting.length > MAX_REPLICAS)
    unknown.push(`replicas: only ${MAX_REPLICAS} of ${lasting.length} are asked`);
  const asked: AskedReplica[] = [];
  await eachAtMost(ASKED_AT_ONCE, lasting.slice(0, MAX_REPLICAS), async (replica) => {
    const what = `replica ${replica.name}${replica.isReady ? "" : ", which is not ready"}`;
    const state = await orUnknown(what, unknown, () => deps.state(replica));
    if (state !== undefined) asked.push({ replica, state });
  });
  return asked.toSorted((one, other) => (one.replica.name < other.replica.name ? -1 : 1));
}

/** What an asked one says; undefined, and why, where it cannot be asked. */
async function orUnknown<T>(what: string, unknown: string[], ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    unknown.push(`${what}: ${error instanceof DriftError ? error.message : asFault(error).message}`);
    return undefined;
  }
}

function sourcesOf(state: GateState | undefined, namespace: string): DocumentSource[] {
  return FILED_TEXTS.map((name) => {
    const { configMap, key } = (name === "settings" ? state?.settings : state?.documents[name]) ?? {};
    return { name, namespace, configMap: configMap ?? `mc-gate-${name}`, key: key ?? `${name}.yaml` };
  });
}

interface Comparison {
  readonly wanted: WantedState;
  readonly asked: readonly AskedReplica[];
  readonly deps: DriftDeps;
  readonly findings: Findings;
}

async function compareDocument(name: FiledText, comparison: Comparison): Promise<void> {
  const { asked, findings } = comparison;
  const wanted = comparison.wanted.documents.get(name);
  if (wanted === undefined) {
    findings.skipped.push(`${name}: no file holds them`.replace(/^(policy): .*/, "$1: no file holds it"));
    return;
  }
  if (asked.length === 0) return; // listed as unknown already
  findings.compared.add(name);
  for (const [digest, group] of groupsBy(asked, ({ state }) => digestIn(state, name))) {
    const replicas = group.map(({ replica }) => replica.name);
    const found =
      digest === undefined ? NOT_IN_FORCE : await differencesIn(name, group[0]!, wanted, comparison);
    add(found, { part: name, wanted, replicas, findings });
  }
  if (name === "settings") return;
  const stuck = asked.filter(({ state }) => state.documents[name].problems > 0);
  if (stuck.length > 0) {
    const replicas = stuck.map(({ replica }) => replica.name);
    add([{ path: [], message: "the newest text in the cluster is refused" }], {
      part: name,
      wanted,
      replicas,
      findings,
    });
  }
}

interface Said {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const NOT_IN_FORCE: readonly Said[] = [{ path: [], message: "none is in force" }];

/** Undefined where the replica could not be asked for its text. */
async function differencesIn(
  name: FiledText,
  { replica }: AskedReplica,
  { document }: Wanted,
  { deps, findings }: Comparison,
): Promise<readonly Said[] | undefined> {
  if (!document.ok) return [];
  const text = await orUnknown(`the ${name} of replica ${replica.name}`, findings.unknown, () =>
    deps.text(replica, name),
  );
  if (text === undefined) return undefined;
  const inForce = readPlain(text);
  if (!inForce.ok) {
    findings.unknown.push(`the ${name} of replica ${replica.name}: this version of mc cannot read it`);
    return undefined;
  }
  return sayAll(compareValues(document.value.content, inForce.value.content));
}

async function compareConfiguration(
  { webhooks: wanted }: WantedState,
  { deps, findings, name }: { readonly deps: DriftDeps; readonly findings: Findings; readonly name: string },
): Promise<void> {
  if (wanted === undefined) {
    findings.skipped.push(`webhooks: no file holds the webhook configuration ${name}`);
    return;
  }
  const content = wanted.document.ok ? wanted.document.value.content : undefined;
  const found = await orUnknown(`webhook configuration ${name}`, findings.unknown, async () => {
    const inForce = await deps.webhooks();
    return inForce === undefined ? NOT_IN_FORCE : sayAll(compareWebhooks(content, inForce));
  });
  if (found === undefined) return;
  findings.compared.add("webhooks");
  add(found, { part: "webhooks", wanted, replicas: [], findings });
}

/** Lists what was found; a file that cannot be read cannot be in force, and its problems are what differs. */
function add(
  found: readonly Said[] | undefined,
  {
    part,
    wanted,
    replicas,
    findings,
  }: Pick<Difference, "part" | "replicas"> & {
    readonly wanted: Wanted;
    readonly findings: Findings;
  },
): void {
  const { file, document } = wanted;
  const list = (difference: Omit<Difference, "part" | "file" | "replicas">): void =>
    void findings.differences.push({ part, file, ...difference, replicas });
  if (!document.ok) {
    for (const { line, column, path, message } of document.problems.slice(0, MAX_LISTED))
      list({ line, column, path, message: `cannot be read: ${message}` });
    return;
  }
  for (const { path, message } of (found ?? []).slice(0, MAX_LISTED))
    list({ ...document.value.placeOf(path), path: printable(path.join("."), MAX_VALUE), message });
  if ((found ?? []).length > MAX_LISTED)
    list({
      line: 1,
      column: 1,
      path: "",
      message: `${found!.length - MAX_LISTED} more differences are not listed`,
    });
}

function sayAll(differences: Iterable<ValueDifference>): Said[] {
  return [...differences].map(({ path, inFile, inForce }) => ({
    path,
    message: `the file has ${said(inFile)}, in force is ${said(inForce)}`,
  }));
}

function said(value: unknown): string {
  return value === undefined ? "nothing" : printable(JSON.stringify(value), MAX_VALUE);
}

function digestIn(state: GateState, name: FiledText): string | undefined {
  return name === "settings" ? state.settings.digest : state.documents[name].digest;
}

function groupsBy<T, K>(list: readonly T[], keyOf: (each: T) => K): Map<K, T[]> {
  return Map.groupBy(list, keyOf);
}
