import { mkdirSync, writeFileSync } from "node:fs";

import { MANIFESTS, manifestText } from "../test/e2e/support/chart.ts";
import { PLAIN_HOOKS, plainHookText } from "../test/e2e/support/hook-chart.ts";
import { buildPrograms, PROGRAMS_VARIABLE } from "../test/e2e/support/programs.ts";

/** Writes manifests/ and the hooks for kustomize from their charts, by the Helm that the end-to-end tests use. */
process.env[PROGRAMS_VARIABLE] = await buildPrograms(["helm"]);
mkdirSync("manifests", { recursive: true });
for (const path of Object.keys(MANIFESTS)) writeFileSync(path, await manifestText(path));
for (const path of Object.keys(PLAIN_HOOKS)) writeFileSync(path, await plainHookText(path));
