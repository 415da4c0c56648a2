import { PREDICATE_TYPES, type Provenance } from "../../../core/index.ts";
import type { JsonObject } from "../../json.ts";
import { at, dropUndefined, needText, declaredTime, textOf } from "../fields.ts";
import { readBuildKit, readBuildKitV02 } from "./buildkit.ts";
import { readCloudBuild } from "./cloud-build.ts";
import { readGitHubWorkflow, readSlsaGenerator, readSlsaGeneratorV02 } from "./github.ts";
import { readGitLab, readGitLabV02 } from "./gitlab.ts";
import { type BuildOrigin, MAX_TEXT } from "./source.ts";
import { readTekton, readTektonV02 } from "./tekton.ts";

const GENERATOR = /^https:\/\/github\.com\/slsa-framework\/slsa-github-generator\//;
const GITLAB_RUNNER = /^https:\/\/gitlab\.com\/gitlab-org\/gitlab-runner\/-\/blob\/[^/]+\/PROVENANCE\.md$/;

/** One build type, or the versions of one. */
interface BuildType {
  readonly matches: (buildType: string) => boolean;
  readonly read: (predicate: JsonObject) => BuildOrigin;
}

/**
 * Build types whose parameters are known, by the version of SLSA. To add one, add a file next to this one and a line
 * here.
 */
const BUILD_TYPES: Readonly<Record<"v1" | "v02", readonly BuildType[]>> = {
  v1: [
    {
      matches: oneOf(
        "https://actions.github.io/buildtypes/workflow/v1",
        "https://slsa-framework.github.io/github-actions-buildtypes/workflow/v1",
      ),
      read: readGitHubWorkflow,
    },
    {
      matches: (text) => GENERATOR.test(text) || text === "https://slsa.dev/container-based-build/v0.1?draft",
      read: readSlsaGenerator,
    },
    {
      matches: (text) =>
        GITLAB_RUNNER.test(text) ||
        text === "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
      read: readGitLab,
    },
    {
      matches: oneOf("https://cloud.google.com/build/gcb-buildtypes/google-worker/v1"),
      read: readCloudBuild,
    },
    {
      matches: oneOf("https://tekton.dev/chains/v2/slsa", "https://tekton.dev/chains/v2/slsa-tekton"),
      read: readTekton,
    },
    {
      matches: oneOf("https://github.com/moby/buildkit/blob/master/docs/attestations/slsa-definitions.md"),
      read: readBuildKit,
    },
  ],
  v02: [
    { matches: (text) => GENERATOR.test(text), read: readSlsaGeneratorV02 },
    { matches: (text) => GITLAB_RUNNER.test(text), read: readGitLabV02 },
    {
      matches: (text) =>
        /^tekton\.dev\/v1(?:alpha1|beta1)?\/(?:Task|Pipeline)Run$/.test(text) ||
        /^https:\/\/tekton\.dev\/attestations\/chains(?:\/pipelinerun)?@v2$/.test(text),
      read: readTektonV02,
    },
    { matches: oneOf("https://mobyproject.org/buildkit@v1"), read: readBuildKitV02 },
  ],
};

/**
 * SLSA provenance v0.2 and v1 in one shape. What a build is made from is read by its build type, which alone gives the
 * parameters and dependencies a meaning: of an unknown one nothing is known. Throws Rejected where it names no builder, or
 * where what its build type states cannot be read.
 * Sources: slsa.dev/spec/v1.0/provenance (buildType), slsa.dev/spec/v0.2/provenance.
 */
export function readProvenance(predicateType: string, predicate: JsonObject): Provenance {
  const isV1 = predicateType === PREDICATE_TYPES.provenanceV1;
  const run = isV1 ? at(predicate, "runDetails") : predicate;
  const metadata = at(run, "metadata");
  const started = declaredTime(at(metadata, isV1 ? "startedOn" : "buildStartedOn"));
  const finished = declaredTime(at(metadata, isV1 ? "finishedOn" : "buildFinishedOn"));
  const isDated = started.instant !== undefined || finished.instant !== undefined;
  const buildType = textOf(
    isV1 ? at(predicate, "buildDefinition", "buildType") : predicate["buildType"],
    MAX_TEXT,
  );
  return dropUndefined<Provenance>({
    builderId: needText(at(run, "builder", "id"), MAX_TEXT, "the builder's id"),
    buildType,
    startedAt: started.instant,
    finishedAt: finished.instant,
    undated: isDated ? undefined : (finished.undated ?? started.undated),
    ...originOf(buildType, BUILD_TYPES[isV1 ? "v1" : "v02"], predicate),
  });
}

function originOf(
  buildType: string | undefined,
  known: readonly BuildType[],
  predicate: JsonObject,
): Pick<Provenance, "sources" | "unstated" | "workflow" | "trigger"> {
  const reader = known.find(({ matches }) => buildType !== undefined && matches(buildType));
  if (reader === undefined) return { sources: [], unstated: "an unknown build type" };
  return dropUndefined(reader.read(predicate));
}

function oneOf(...texts: readonly string[]): BuildType["matches"] {
  return (text) => texts.includes(text);
}
