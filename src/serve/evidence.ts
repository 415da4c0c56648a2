import type { Logger } from "pino";

import { type EvidenceFiles, openEvidenceFiles } from "../evidence-files/index.ts";
import type { Settings } from "./settings/settings.ts";

const MIB = 1024 * 1024;
const QUIET_MS = 60_000;

/** The folder in which attachments outlive the process, where the settings name one. A full disk is logged once a minute. */
export async function openMemory(
  { folder, folderMib }: Settings["evidence"],
  log: Logger,
): Promise<EvidenceFiles | undefined> {
  if (folder === undefined) return undefined;
  let told = Number.NEGATIVE_INFINITY;
  const onProblem = (message: string): void => {
    if (performance.now() - told < QUIET_MS) return;
    told = performance.now();
    log.warn({ message }, "evidence is not kept over a restart");
  };
  return openEvidenceFiles({ folder, mostBytes: folderMib * MIB, mostFileBytes: MIB, onProblem });
}
