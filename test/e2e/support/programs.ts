import { spawn } from "node:child_process";
import { join } from "node:path";

/** The top folder of the project. */
export const PROJECT = join(import.meta.dirname, "../../..");

/** The folder with the scripts that build and run clusters. */
export const CLUSTER_SCRIPTS = join(import.meta.dirname, "../cluster");

/** Holds the folder of the built programs, for the test files' own processes. */
export const PROGRAMS_VARIABLE = "MC_E2E_BIN";

/** What cluster/build.sh can build; see test/e2e/tools. */
export type Unit =
  | "kubernetes"
  | "pause"
  | "registry"
  | "distribution"
  | "cosign"
  | "helm"
  | "conftest"
  | "actionlint"
  | "rollouts"
  | "kargo"
  | "flagger"
  | "policies"
  | "argocd";

/**
 * Builds what is not in the cache yet and returns the folder with the programs. The first build takes many minutes;
 * its progress goes to standard error. Throws when Go is missing or a build fails.
 */
export async function buildPrograms(units: readonly Unit[]): Promise<string> {
  const child = spawn(join(CLUSTER_SCRIPTS, "build.sh"), units, { stdio: ["ignore", "pipe", "inherit"] });
  let folder = "";
  child.stdout.on("data", (chunk: Buffer) => (folder += chunk.toString("utf8")));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  if (code !== 0) throw new Error(`building the test programs failed (${code})`);
  return folder.trim();
}

/** The path of a built program. Throws outside of `npm run test:e2e`, which builds them first. */
export function program(name: string): string {
  const folder = process.env[PROGRAMS_VARIABLE];
  if (!folder) throw new Error(`${PROGRAMS_VARIABLE} is not set: start the tests with npm run test:e2e`);
  return join(folder, name);
}

/** The path of kubectl; of envtest's folder where the user brings one. */
export function kubectlProgram(): string {
  const assets = process.env["KUBEBUILDER_ASSETS"];
  return assets ? join(assets, "kubectl") : program("kubectl");
}
