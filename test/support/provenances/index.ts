import { buildKit, buildKitV02 } from "./buildkit.ts";
import { gitHub, slsaContainer, slsaContainerBased, slsaDelegator } from "./github.ts";
import { cloudBuild, gitLab, gitLabControlPlane, gitLabV02 } from "./hosted.ts";
import { type From, type Json, MAIN, WORKFLOW } from "./slsa.ts";
import { tektonRun, tektonRunV02 } from "./tekton.ts";

export { buildKit } from "./buildkit.ts";
export { cloudBuildOf } from "./hosted.ts";
export { COMMIT } from "./slsa.ts";
export { type Run, tektonRun, tektonRunV02 } from "./tekton.ts";

const V1 = "https://slsa.dev/provenance/v1";
const V02 = "https://slsa.dev/provenance/v0.2";

/** A predicate of one producer about one source. */
export interface Producer {
  readonly name: string;
  readonly predicateType: string;
  readonly of: (from?: From) => Json;
  /** What the producer states of the source of acme/app besides its repository and commit. */
  readonly states: { readonly ref?: string; readonly workflow?: string; readonly trigger?: string };
}

/** Every producer whose build type is read. */
export const PRODUCERS: readonly Producer[] = [
  {
    name: "GitHub Actions",
    predicateType: V1,
    of: gitHub,
    states: { ref: MAIN, workflow: WORKFLOW, trigger: "push" },
  },
  {
    name: "slsa-github-generator, container",
    predicateType: V02,
    of: slsaContainer,
    states: { ref: MAIN, workflow: WORKFLOW, trigger: "push" },
  },
  {
    name: "slsa-github-generator, container-based",
    predicateType: V1,
    of: slsaContainerBased,
    states: { ref: MAIN, workflow: WORKFLOW, trigger: "push" },
  },
  {
    name: "slsa-github-generator, delegator",
    predicateType: V1,
    of: slsaDelegator,
    states: { ref: MAIN, workflow: WORKFLOW, trigger: "push" },
  },
  { name: "GitLab Runner", predicateType: V1, of: gitLab, states: {} },
  { name: "GitLab", predicateType: V1, of: gitLabControlPlane, states: {} },
  { name: "GitLab Runner, v0.2", predicateType: V02, of: gitLabV02, states: {} },
  {
    name: "Google Cloud Build",
    predicateType: V1,
    of: cloudBuild,
    states: { ref: MAIN, workflow: "cloudbuild.yaml" },
  },
  { name: "Tekton Chains", predicateType: V1, of: (from) => tektonRun({ input: from ?? {} }), states: {} },
  {
    name: "Tekton Chains, v0.2",
    predicateType: V02,
    of: (from) => tektonRunV02({ input: from ?? {} }),
    states: {},
  },
  { name: "BuildKit", predicateType: V1, of: (from) => buildKit(from), states: { ref: MAIN } },
  { name: "BuildKit, v0.2", predicateType: V02, of: buildKitV02, states: { ref: MAIN } },
];
