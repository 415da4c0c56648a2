import { fileURLToPath, pathToFileURL } from "node:url";

/** Holds the URLs of the entries' bundles by those of their sources, JSON. */
export const BUNDLED_VARIABLE = "MC_TEST_BUNDLED";

const bundles = JSON.parse(process.env[BUNDLED_VARIABLE] ?? "{}") as Readonly<Record<string, string>>;

/** The URL to start instead of this one: an entry's bundle, else itself, as in a run that bundles nothing. */
export function bundled(url: string): string {
  return bundles[url] ?? url;
}

/** The file to start as `mc`. */
export const PROGRAM = fileURLToPath(bundled(pathToFileURL("src/cli/main.ts").href));
