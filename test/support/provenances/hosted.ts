import { APP, COMMIT, type From, IMAGES, type Json, MAIN, v02, v1 } from "./slsa.ts";

/** GitLab Runner, SLSA v1. */
export function gitLab({ repository = APP, commit = COMMIT }: From = {}): Json {
  return v1(
    "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v18.6.0/PROVENANCE.md",
    {
      externalParameters: {
        entryPoint: "build-image",
        source: repository,
        variables: { CI_PIPELINE_SOURCE: "" },
      },
      internalParameters: {
        architecture: "amd64",
        executor: "docker+machine",
        job: 4089072540,
        name: "shared",
      },
      resolvedDependencies: [{ uri: repository, digest: { sha256: commit } }],
    },
    "https://gitlab.com/acme/app/-/runners/12270831",
  );
}

/** GitLab itself. */
export function gitLabControlPlane({ repository = APP, commit = COMMIT }: From = {}): Json {
  return {
    ...gitLab(),
    ...v1(
      "https://docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1",
      {
        externalParameters: { entryPoint: "build-image", source: repository, variables: { CI: "true" } },
        resolvedDependencies: [{ uri: `git+${repository}`, digest: { gitCommit: commit } }],
      },
      "https://gitlab.com/groups/acme/-/runners/7",
    ),
  };
}

/** GitLab Runner before 16.7, SLSA v0.2. */
export function gitLabV02({ repository = APP, commit = COMMIT }: From = {}): Json {
  const source = { uri: repository, digest: { sha256: commit } };
  return v02(
    "https://gitlab.com/gitlab-org/gitlab-runner/-/blob/v15.1.0/PROVENANCE.md",
    "https://gitlab.com/acme/app/-/runners/14811533",
    {
      invocation: {
        configSource: { ...source, entryPoint: "build-image" },
        environment: { executor: "shell" },
        parameters: { CI: "" },
      },
      materials: [source],
    },
  );
}

/** Google Cloud Build by a trigger. */
export function cloudBuild({ repository = APP, ref = MAIN, commit = COMMIT }: From = {}): Json {
  return cloudBuildOf({
    parameters: { buildConfigSource: { path: "cloudbuild.yaml", ref, repository: `git+${repository}` } },
    dependencies: [{ uri: `git+${repository}@${ref}`, digest: { gitCommit: commit } }],
  });
}

/** A build of Google Cloud Build with these external parameters, and these dependencies beside the builder's image. */
export function cloudBuildOf(said: {
  readonly parameters: Json;
  readonly dependencies: readonly Json[];
}): Json {
  return v1(
    "https://cloud.google.com/build/gcb-buildtypes/google-worker/v1",
    {
      externalParameters: { substitutions: {}, ...said.parameters },
      internalParameters: { systemSubstitutions: { REF_NAME: "main" }, triggerUri: "projects/1/triggers/2" },
      resolvedDependencies: [IMAGES.cloudBuild, ...said.dependencies],
    },
    "https://cloudbuild.googleapis.com/GoogleHostedWorker",
  );
}
