import { readDocument } from "../../documents/index.ts";
import { type ReadSettings, Settings } from "../../serve/index.ts";
import { accepted } from "../problems.ts";
import { readText } from "../terminal.ts";

/** Reads the settings document. Throws UsageError where it cannot be read, or has problems. */
export function readSettings(file: string): ReadSettings {
  const settingsText = readText(file);
  return { settings: accepted(file, readDocument(settingsText, Settings)), settingsText };
}
