import { UsageError } from "../../core/index.ts";
import { readDocument } from "../../documents/index.ts";
import { type ReadSettings, Settings } from "../../serve/index.ts";
import { problemLine } from "../problems.ts";
import { readText } from "../terminal.ts";

/** Reads the settings document. Throws UsageError where it cannot be read, or has problems. */
export function readSettings(file: string): ReadSettings {
  const settingsText = readText(file);
  const parsed = readDocument(settingsText, Settings);
  if (parsed.ok) return { settings: parsed.value, settingsText };
  throw new UsageError(parsed.problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}
