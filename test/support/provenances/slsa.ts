/** A JSON object. */
export type Json = Record<string, unknown>;

/** Where an image comes from, for a producer's predicate. */
export interface From {
  /** `https://github.com/acme/app` where absent. */
  readonly repository?: string;
  /** Full ref. */
  readonly ref?: string;
  readonly commit?: string;
}

/** What every source is named here, unless told otherwise. */
export const APP = "https://github.com/acme/app";
/** Its branch. */
export const MAIN = "refs/heads/main";
/** The commit that every source is built from. */
export const COMMIT = "c".repeat(40);
/** Path of the workflow of acme/app. */
export const WORKFLOW = ".github/workflows/release.yml";

const started = "2026-11-24T10:00:00Z";
const finished = "2026-11-24T10:05:00Z";

/** A predicate of SLSA v1. */
export function v1(buildType: string, definition: Json, builder: string, more: Json = {}): Json {
  return {
    buildDefinition: { buildType, internalParameters: {}, ...definition },
    runDetails: {
      builder: { id: builder },
      metadata: { invocationId: "1", startedOn: started, finishedOn: finished },
      ...more,
    },
  };
}

/** A predicate of SLSA v0.2. */
export function v02(buildType: string, builder: string, rest: Json): Json {
  return {
    builder: { id: builder },
    buildType,
    metadata: { buildStartedOn: started, buildFinishedOn: finished },
    ...rest,
  };
}

/** A base image as the producers name it. */
export const IMAGES = {
  tekton: { uri: "oci://docker.io/alpine/git", digest: { sha256: "b".repeat(64) } },
  plain: { uri: "docker.io/library/bash", digest: { sha256: "d".repeat(64) } },
  cloudBuild: {
    uri: `gcr.io/cloud-builders/docker@sha256:${"e".repeat(64)}@sha256:${"e".repeat(64)}`,
    digest: { sha256: "e".repeat(64) },
  },
  buildKit: { uri: "pkg:docker/alpine@3.22?platform=linux%2Famd64", digest: { sha256: "f".repeat(64) } },
};
