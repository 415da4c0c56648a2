import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { composeGate, type ComposedGate, credentialHelpers } from "../composition/index.ts";
import { type Evidence, type Problem, UsageError } from "../core/index.ts";
import { readDocument } from "../documents/index.ts";
import { RegistrySettings } from "../registry/index.ts";
import { publicGoodSeed } from "../trust/index.ts";
import { problemLine } from "./problems.ts";
import { readText } from "./terminal.ts";

export interface RegistryOptions {
  readonly registries?: string;
  readonly dockerConfig?: string;
}

export interface OfflineGateOptions extends RegistryOptions {
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  /** The clock. */
  readonly now: () => Date;
  /** Sees all evidence that the gate judges by. */
  readonly onEvidence?: (evidence: Evidence) => void;
}

/** The gate of the command line: documents from files, credentials from docker's. Throws UsageError on a bad set-up. */
export function offlineGate(options: OfflineGateOptions): ComposedGate {
  const registries = registrySettings(options);
  const composed = composeGate({
    registries,
    credentials: credentialHelpers(registries.dockerConfigFile),
    publicGood: publicGoodSeed,
    now: options.now,
    ...(options.onEvidence !== undefined && { onEvidence: options.onEvidence }),
    onTrustProblem: (name, message) => {
      throw new UsageError(`trust root ${name}: ${message}`);
    },
  });
  accept(options.policy, composed.policy.offer(readText(options.policy)));
  if (options.waivers !== undefined)
    accept(options.waivers, composed.waivers.offer(readText(options.waivers)));
  const { revocations } = options;
  const text = revocations === undefined ? "revocations: []" : readText(revocations);
  accept(revocations ?? "revocations", composed.revocations.offer(text));
  return composed;
}

/** Registry settings from a file, with docker's own credentials where none are named. Throws UsageError. */
export function registrySettings({ registries, dockerConfig }: RegistryOptions): RegistrySettings {
  const settings = registries === undefined ? RegistrySettings.parse({}) : settingsIn(registries);
  if (dockerConfig !== undefined) readText(dockerConfig); // a file that someone names has to be there
  const usual = join(homedir(), ".docker", "config.json");
  const dockerConfigFile =
    dockerConfig ?? settings.dockerConfigFile ?? (existsSync(usual) ? usual : undefined);
  return { ...settings, ...(dockerConfigFile !== undefined && { dockerConfigFile }) };
}

function settingsIn(file: string): RegistrySettings {
  const parsed = readDocument(readText(file), RegistrySettings);
  if (parsed.ok) return parsed.value;
  accept(file, parsed.problems);
  throw new UsageError(`${file} cannot be used`);
}

function accept(file: string, problems: readonly Problem[]): void {
  if (problems.length > 0)
    throw new UsageError(problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}
