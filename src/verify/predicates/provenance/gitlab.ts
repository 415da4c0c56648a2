import type { JsonObject } from "../../json.ts";
import { at } from "../fields.ts";
import { type BuildOrigin, isSource, objectAt, resourcesOf, sourceAt, sourceOf, unite } from "./source.ts";

/**
 * GitLab Runner and GitLab, SLSA v1: `source` is the project. The entry point is a job, not a file, and the variables
 * may be set by anyone who starts a pipeline: neither is read. Sources: docs.gitlab.com/ci/runners/configure_runners
 * (provenance metadata format) and docs.gitlab.com/ci/pipeline_security/slsa/provenance_v1.
 */
export function readGitLab(predicate: JsonObject): BuildOrigin {
  const { source } = objectAt(predicate, "buildDefinition", "externalParameters");
  const dependencies = at(predicate, "buildDefinition", "resolvedDependencies");
  return projectOf(source, undefined, resourcesOf(dependencies, "resolvedDependencies"));
}

/** GitLab Runner before 16.7, SLSA v0.2: configSource is the project. Source: gitlab-runner, PROVENANCE.md of v15. */
export function readGitLabV02(predicate: JsonObject): BuildOrigin {
  const { uri, digest } = objectAt(predicate, "invocation", "configSource");
  return projectOf(uri, digest, resourcesOf(predicate["materials"], "materials"));
}

function projectOf(
  address: unknown,
  digest: unknown,
  resources: ReturnType<typeof resourcesOf>,
): BuildOrigin {
  const declared = address === undefined ? [] : [sourceAt(address, digest)];
  return { sources: unite(declared, resources.filter(isSource).map(sourceOf)) };
}
