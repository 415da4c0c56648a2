import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { objectsIn } from "./chart.ts";
import type { Cluster } from "./cluster.ts";
import { type DeliveryOptions, GATE, type Question, shipped } from "./delivery.ts";
import { eventually, startService } from "./process.ts";
import { program } from "./programs.ts";

/** How an AnalysisRun stands. */
export interface RunState {
  readonly phase: string;
  /** Errors in a row up to now. */
  readonly errors: number;
}

/** The real controller of AnalysisRuns. */
export interface AnalysisController {
  /** Creates a run by the shipped template, whose token is in a Secret. */
  readonly start: (name: string, question: Question) => Promise<void>;
  /** The state of a run as soon as it is as wanted. */
  readonly until: (
    name: string,
    isWanted: (state: RunState) => boolean,
    timeoutMs?: number,
  ) => Promise<RunState>;
  readonly stop: () => Promise<void>;
}

interface AnalysisOptions extends DeliveryOptions {
  readonly cluster: Cluster;
}

interface Argument {
  readonly name: string;
}
interface Template {
  readonly spec: { readonly args: readonly Argument[]; readonly metrics: readonly object[] };
}

/** Starts Argo Rollouts' controller, which only runs analyses here, against a cluster. */
export async function startAnalysisController(options: AnalysisOptions): Promise<AnalysisController> {
  const { cluster, url, authority, namespace } = options;
  const { kubectlOk } = cluster;
  const folder = await mkdtemp(join(tmpdir(), "mc-analysis-"));
  const caFile = join(folder, "ca.crt");
  await writeFile(caFile, authority);
  const definitions = ["analysis-run", "analysis-template", "cluster-analysis-template"].flatMap((kind) => {
    return ["-f", join(program("rollouts-crds"), `${kind}-crd.yaml`)];
  });
  await kubectlOk(["apply", "--server-side", ...definitions]);
  const service = await startService({
    program: program("rollouts-controller"),
    args: [...FLAGS, "--kubeconfig", cluster.kubeconfig],
    env: { SSL_CERT_FILE: caFile },
    ready: /Started \d+ analysis workers/,
    timeoutMs: 60_000,
  });
  const [template] = objectsIn(shipped("analysis-web.yaml").replaceAll(GATE, url)) as unknown as Template[];
  return {
    start: async (name, question) => {
      for (const object of runOf(name, { question, namespace, template: template! }))
        await kubectlOk(["apply", "-f", "-"], { stdin: JSON.stringify(object) });
    },
    until: (name, isWanted, timeoutMs = 60_000) => {
      const read = async (): Promise<RunState | undefined> => {
        const state = await stateOf(name, options);
        return state !== undefined && isWanted(state) ? state : undefined;
      };
      return eventually(`the AnalysisRun ${name}`, read, timeoutMs);
    },
    stop: async () => {
      await service.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const FLAGS = [
  "--controllers",
  "analysis",
  "--leader-elect=false",
  "--metricsPort",
  "0",
  "--healthzPort",
  "0",
];

interface RunOptions {
  readonly question: Question;
  readonly namespace: string;
  readonly template: Template;
}

/** A run with the arguments that a Rollout gives it, and the Secret with its token. */
function runOf(name: string, { question, namespace, template }: RunOptions): readonly object[] {
  const metadata = { name: name.toLowerCase(), namespace };
  const token = { valueFrom: { secretKeyRef: { name: metadata.name, key: "token" } } };
  const given: Readonly<Record<string, object>> = {
    namespace: { value: namespace },
    image: { value: question.image },
    token,
  };
  const args = template.spec.args.map((each) => ({ ...each, ...given[each.name] }));
  const { metrics } = template.spec;
  return [
    { apiVersion: "v1", kind: "Secret", metadata, stringData: { token: question.token } },
    { apiVersion: "argoproj.io/v1alpha1", kind: "AnalysisRun", metadata, spec: { args, metrics } },
  ];
}

interface Status {
  readonly phase?: string;
  readonly metricResults?: readonly { readonly consecutiveError?: number }[];
}

/** Undefined before the controller has seen the run. */
async function stateOf(name: string, { cluster, namespace }: AnalysisOptions): Promise<RunState | undefined> {
  const get = ["-n", namespace, "get", "analysisrun", name.toLowerCase(), "-o", "json"];
  const { status } = JSON.parse(await cluster.kubectlOk(get)) as { readonly status?: Status };
  if (!status?.phase) return undefined;
  return { phase: status.phase, errors: status.metricResults?.[0]?.consecutiveError ?? 0 };
}
