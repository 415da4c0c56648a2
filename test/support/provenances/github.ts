import { APP, COMMIT, type From, type Json, MAIN, v02, v1, WORKFLOW } from "./slsa.ts";

/** GitHub's workflow build type. */
export function gitHub({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  return v1(
    "https://actions.github.io/buildtypes/workflow/v1",
    {
      externalParameters: { workflow: { ref, repository, path: WORKFLOW } },
      internalParameters: { github: { event_name: "push", runner_environment: "github-hosted" } },
      resolvedDependencies: [
        { uri: `git+${repository}@${ref}`, digest: { gitCommit: commit } },
        {
          uri: "git+https://github.com/actions/checkout@refs/tags/v6",
          digest: { gitCommit: "9".repeat(40) },
        },
      ],
    },
    "https://github.com/actions/runner/github-hosted",
  );
}

/** slsa-github-generator's container generator, SLSA v0.2. */
export function slsaContainer({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  const source = { uri: `git+${repository}@${ref}`, digest: { sha1: commit } };
  return v02(
    "https://github.com/slsa-framework/slsa-github-generator/container@v1",
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml@refs/tags/v2.1.0",
    {
      invocation: {
        configSource: { ...source, entryPoint: WORKFLOW },
        environment: { github_event_name: "push", github_ref: ref, github_sha1: commit },
      },
      materials: [source],
    },
  );
}

/** slsa-github-generator's container-based builder. */
export function slsaContainerBased({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  const source = { uri: `git+${repository}@${ref}`, digest: { sha1: commit } };
  const builderImage = { uri: `bash@sha256:${"8".repeat(64)}`, digest: { sha256: "8".repeat(64) } };
  return v1(
    "https://slsa.dev/container-based-build/v0.1?draft",
    {
      externalParameters: {
        source,
        builderImage,
        configPath: "build.toml",
        workflow: { ref, repository, path: WORKFLOW },
      },
      internalParameters: { GITHUB_EVENT_NAME: "push" },
      resolvedDependencies: [builderImage, source],
    },
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_container-based_slsa3.yml@refs/tags/v2.1.0",
  );
}

/** slsa-github-generator's builders by delegation. */
export function slsaDelegator({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  return v1(
    "https://github.com/slsa-framework/slsa-github-generator/delegator-generic@v0",
    {
      externalParameters: {
        inputs: { "rekor-log-public": true },
        workflow: { ref, repository: `git+${repository}`, path: WORKFLOW },
      },
      internalParameters: { GITHUB_EVENT_NAME: "push", GITHUB_SHA: commit },
      resolvedDependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: commit } }],
    },
    "https://github.com/slsa-framework/slsa-github-generator/.github/workflows/builder_maven_slsa3.yml@refs/tags/v2.1.0",
  );
}
