import { readDocument } from "../../documents/index.ts";
import { UsageError } from "../exit-codes.ts";
import { problemLine } from "../problems.ts";
import { readText } from "../terminal.ts";
import { Settings } from "./settings.ts";

/** Settings, and the text that they were read from. */
export interface ReadSettings {
  readonly settings: Settings;
  readonly settingsText: string;
}

/** Reads the settings document. Throws UsageError where it cannot be read, or has problems. */
export function readSettings(file: string): ReadSettings {
  const settingsText = readText(file);
  const parsed = readDocument(settingsText, Settings);
  if (parsed.ok) return { settings: parsed.value, settingsText };
  throw new UsageError(parsed.problems.map((problem) => problemLine({ file, ...problem })).join("\n"));
}
