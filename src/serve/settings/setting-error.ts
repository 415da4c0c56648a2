import { UsageError } from "../../core/index.ts";

/** A setting that cannot be used on this machine, by its key: one sentence, exit code 12. */
export function settingError(key: string, error: unknown): UsageError {
  return new UsageError(`${key}: ${error instanceof Error ? error.message : "unknown failure"}`);
}

/** Runs what uses a setting; a failure names its key. */
export function withSetting<T>(key: string, use: () => T): T {
  try {
    return use();
  } catch (error) {
    throw settingError(key, error);
  }
}
