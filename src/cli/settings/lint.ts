import type { ExitCode } from "../../core/index.ts";
import { dangersInSettings, settingsDocument } from "../../serve/index.ts";
import { lintFiles, type LintOptions } from "../problems.ts";

/** `mc settings lint`: every problem of settings files, with line and rule. */
export function settingsLint(files: readonly string[], options: LintOptions): ExitCode {
  return lintFiles(
    files,
    { key: "settings.yaml", lint: settingsDocument.lint, dangersIn: dangersInSettings },
    options,
  );
}
