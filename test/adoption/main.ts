import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startFastCluster } from "../e2e/support/cluster.ts";
import { buildPrograms, PROGRAMS_VARIABLE } from "../e2e/support/programs.ts";
import { adoptEach, adoptTogether } from "./check.ts";
import { foundIn, makeKinds } from "./corpus.ts";
import { isGood, linesOf } from "./table.ts";

/**
 * `npm run test:adoption -- DIR`: `mc adopt argocd` over the Applications of a foreign repository, which is only read. Each file
 * is changed by itself in a copy, and read before and after: as YAML, and by an API server with the kinds that
 * DIR/manifests/crds defines. Kustomizations that render Applications are rendered before and after all files together
 * were changed. Prints tables; exit 1 where anything is wrong or nothing was changed, 12 without a folder.
 */
async function main([folder, ...rest]: readonly string[]): Promise<number> {
  if (folder === undefined || rest.length > 0 || folder.startsWith("-")) {
    console.error("usage: npm run test:adoption -- DIR");
    console.error("DIR is a copy of github.com/argoproj/argo-cd, or another folder with its manifests/crds");
    return 12;
  }
  process.env[PROGRAMS_VARIABLE] = await buildPrograms(["kubernetes"]);
  const scratch = await mkdtemp(join(tmpdir(), "mc-adoption-"));
  const cluster = await startFastCluster();
  try {
    const corpus = foundIn(folder);
    await makeKinds(cluster, folder, corpus);
    const each = await adoptEach(cluster, corpus, scratch);
    const together = await adoptTogether(cluster, corpus, scratch);
    for (const line of linesOf(folder, each, together)) console.log(line);
    return isGood(each, together) ? 0 : 1;
  } finally {
    await cluster.stop();
    await rm(scratch, { recursive: true, force: true });
  }
}

process.exitCode = await main(process.argv.slice(2));
