import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { composeGate, type ComposedGate, credentialHelpers, type GateOptions } from "../composition/index.ts";
import { type Evidence, type Problem, UsageError } from "../core/index.ts";
import { readDocument } from "../documents/index.ts";
import type { Policy } from "../policy/index.ts";
import { RegistrySettings } from "../registry/index.ts";
import { publicGoodSeed } from "../trust/index.ts";
import { createVerifier, type Verifier } from "../verify/index.ts";
import { accepted, unusable } from "./problems.ts";
import { readText } from "./terminal.ts";

const PATIENT_RETRIES = 4;
const PATIENT_WAIT_MS = 60_000;
const PATIENT_MS = 10 * 60_000;
/** A tenth of what a cluster's gate keeps: a command asks about each image once, or a few times in a row. */
const CACHE_ENTRIES = 1_000;

export interface RegistryOptions {
  readonly registries?: string;
  readonly dockerConfig?: string;
}

export interface OfflineGateOptions extends RegistryOptions {
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  /** `NAME=FILE`, for trust roots whose files are the gate's. */
  readonly trustRoot?: readonly string[];
  /** Credentials of a workload, which come before docker's own. */
  readonly credentials?: NonNullable<GateOptions["credentials"]>;
  /** The clock. */
  readonly now: () => Date;
  /** Whether no one waits for an answer: a registry that asks for time is given it. */
  readonly isPatient?: boolean;
  /** Sees all evidence that the gate judges by. */
  readonly onEvidence?: (evidence: Evidence) => void;
}

let verifier: Verifier | undefined;

/** One for the whole process, whose threads end with it: a command may open several gates. */
export function processVerifier(): Verifier {
  return (verifier ??= createVerifier());
}

/** The gate of the command line: documents from files, credentials from docker's. Throws UsageError on a bad set-up. */
export function offlineGate(options: OfflineGateOptions): ComposedGate {
  const rootFiles = new Map((options.trustRoot ?? []).map(rootFileIn));
  const { isPatient = false } = options;
  const registries = isPatient ? patient(registrySettings(options)) : registrySettings(options);
  const composed = composeGate({
    registries,
    rootFiles,
    credentials: withDockers(options.credentials, registries.dockerConfigFile),
    publicGood: publicGoodSeed,
    now: options.now,
    limits: { cacheEntries: CACHE_ENTRIES, ...(isPatient && { collectMs: PATIENT_MS }) },
    sharedVerifier: processVerifier(),
    ...(options.onEvidence !== undefined && { onEvidence: options.onEvidence }),
    onTrustProblem: (name, message) => {
      const own = rootFiles.has(name) ? "" : `; give yours by --trust-root ${name}=FILE`;
      throw new UsageError(`trust root ${name}: ${message}${own}`);
    },
  });
  accept(options.policy, composed.policy.offer(readText(options.policy)));
  for (const name of rootFiles.keys()) refuseUnusedRoot(name, composed.policy.current());
  if (options.waivers !== undefined)
    accept(options.waivers, composed.waivers.offer(readText(options.waivers)));
  const { revocations } = options;
  const text = revocations === undefined ? "revocations: []" : readText(revocations);
  accept(revocations ?? "revocations", composed.revocations.offer(text));
  return composed;
}

function withDockers(
  own: OfflineGateOptions["credentials"],
  dockerConfigFile: string | undefined,
): NonNullable<GateOptions["credentials"]> {
  const dockers = credentialHelpers(dockerConfigFile);
  if (own === undefined) return dockers;
  return async (registry, access) => (await Promise.all([own(registry, access), dockers(registry)])).flat();
}

function rootFileIn(text: string): [name: string, file: string] {
  const [, name, file] = /^([A-Za-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || file === undefined) throw new UsageError(`--trust-root ${text} is not NAME=FILE`);
  return [name, file];
}

/** A file that nothing reads would look as if it counted. */
function refuseUnusedRoot(name: string, policy: Policy | undefined): void {
  const root = policy?.trustRoots.get(name);
  if (root !== undefined && "path" in root) return;
  const why = root === undefined ? "names no such trust root" : "does not read it from a file";
  throw new UsageError(`--trust-root ${name}: the policy ${why}`);
}

/** The same settings for work that may take its time, and must not turn a short outage into a gap. */
export function patient(settings: RegistrySettings): RegistrySettings {
  const { limits } = settings;
  const retries = Math.max(limits.retries, PATIENT_RETRIES);
  const retryWaitMilliseconds = Math.max(limits.retryWaitMilliseconds, PATIENT_WAIT_MS);
  return { ...settings, limits: { ...limits, retries, retryWaitMilliseconds } };
}

/** Registry settings from a file, with docker's own credentials where none are named. Throws UsageError. */
export function registrySettings({ registries, dockerConfig }: RegistryOptions): RegistrySettings {
  const settings = registries === undefined ? RegistrySettings.parse({}) : settingsIn(registries);
  if (dockerConfig !== undefined) readText(dockerConfig); // a file that someone names has to be there
  const dockerConfigFile = dockerConfig ?? settings.dockerConfigFile ?? usualDockerConfig();
  return { ...settings, ...(dockerConfigFile !== undefined && { dockerConfigFile }) };
}

/** Undefined where there is none, or where the user has no home: one without HOME whom /etc/passwd does not name. */
function usualDockerConfig(): string | undefined {
  try {
    const file = join(homedir(), ".docker", "config.json");
    return existsSync(file) ? file : undefined;
  } catch {
    return undefined;
  }
}

function settingsIn(file: string): RegistrySettings {
  return accepted(file, readDocument(readText(file), RegistrySettings));
}

function accept(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0) throw unusable(file, problems);
}
