import type { Command } from "commander";

import { UsageError } from "../core/index.ts";
import { readText, say } from "./terminal.ts";

const NONE_REVOKED = "revocations: []";

/** By what revocations is judged: one of the two. */
export interface RevocationsOptions {
  readonly revocations?: string;
  readonly revocationsNotCheckedUnsafe: boolean;
}

/** `--revocations`, and what does without it. */
export function withRevocations<T extends Command>(command: T, consequence: string): T {
  return command
    .option("--revocations <file>", "the revocation document that the gate uses")
    .option("--revocations-not-checked-unsafe", `instead of --revocations: ${consequence}`, false);
}

/** The text of the revocations. Throws UsageError where none are given and nothing says that this is meant. */
export function revocationsIn(
  { revocations: file, revocationsNotCheckedUnsafe: isUnchecked }: RevocationsOptions,
  consequence: string,
): string {
  if (file !== undefined && isUnchecked)
    throw new UsageError("give either --revocations or --revocations-not-checked-unsafe");
  if (file !== undefined) return readText(file);
  if (!isUnchecked)
    throw new UsageError(
      `name the revocation document that the gate uses by --revocations: without it, ${consequence}; --revocations-not-checked-unsafe accepts that`,
    );
  say(`Revocations are not checked: ${consequence}.`);
  return NONE_REVOKED;
}
