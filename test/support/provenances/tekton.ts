import { APP, COMMIT, type From, IMAGES, type Json, v02, v1 } from "./slsa.ts";

const PIPELINES = "https://github.com/acme/pipelines";

/** What a Tekton run is made of. */
export interface Run {
  /** Where its pipeline is defined; acme/pipelines where absent. */
  readonly pipeline?: string;
  /** Where one of its tasks is defined. */
  readonly task?: string;
  /** Its source, as Chains lists it; none where null. */
  readonly input?: From | null;
  /** The source that a result of the run hints at, under CHAINS-GIT_URL. */
  readonly hint?: string;
}

/** Tekton Chains, SLSA v1: the definitions stand before the input, as Chains writes them. */
export function tektonRun({ pipeline = PIPELINES, task, input = {}, hint }: Run = {}): Json {
  const params = [{ name: "git-url", value: input?.repository ?? APP }];
  const definitions = [
    { ...definedIn(pipeline), name: "pipeline" },
    ...(task === undefined ? [] : [{ ...definedIn(task), name: "pipelineTask" }]),
  ];
  const inputs = inputOf(input).map((each) => ({ ...each, name: "inputs/result" }));
  return v1(
    "https://tekton.dev/chains/v2/slsa",
    {
      externalParameters: { runSpec: { pipelineRef: { resolver: "git" }, params } },
      resolvedDependencies: [...definitions, IMAGES.tekton, ...inputs],
    },
    "https://tekton.dev/chains/v2",
    hint === undefined ? {} : { byproducts: [byproductOf(hint)] },
  );
}

/** Tekton Chains, SLSA v0.2: materials without names. */
export function tektonRunV02({ pipeline = PIPELINES, task, input = {}, hint }: Run = {}): Json {
  const parameters = { "git-url": input?.repository ?? APP };
  const results = hint === undefined ? [] : [{ name: "CHAINS-GIT_URL", type: "string", value: hint }];
  const tasks = [
    { name: "clone", invocation: { configSource: definedIn(task ?? pipeline), parameters: {} }, results },
  ];
  const definitions = [definedIn(pipeline), ...(task === undefined ? [] : [definedIn(task)])];
  return v02("tekton.dev/v1beta1/PipelineRun", "https://tekton.dev/chains/v2", {
    invocation: { configSource: { ...definedIn(pipeline), entryPoint: "ci.yaml" }, parameters },
    buildConfig: { tasks },
    materials: [...definitions, IMAGES.tekton, IMAGES.plain, ...inputOf(input)],
  });
}

function definedIn(repository: string): Json {
  return { uri: `git+${repository}.git`, digest: { sha1: "a".repeat(40) } };
}

function inputOf(input: From | null): Json[] {
  if (input === null) return [];
  return [{ uri: `git+${input.repository ?? APP}.git`, digest: { sha1: input.commit ?? COMMIT } }];
}

function byproductOf(hint: string): Json {
  const content = Buffer.from(JSON.stringify(hint)).toString("base64");
  return { name: "pipelineRunResults/CHAINS-GIT_URL", content, mediaType: "application/json" };
}
