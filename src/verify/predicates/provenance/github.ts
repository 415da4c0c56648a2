import type { JsonObject } from "../../json.ts";
import { at, textOf } from "../fields.ts";
import {
  type BuildOrigin,
  isGit,
  isSource,
  MAX_TEXT,
  objectAt,
  refOf,
  resourcesOf,
  sourceAt,
  sourceOf,
  unite,
} from "./source.ts";

/**
 * GitHub Actions workflow: the source is the repository of the top-level workflow; of the dependencies only those of this
 * repository say more about it, others are actions and tools.
 * Source: actions.github.io/buildtypes/workflow/v1 and slsa-framework.github.io/github-actions-buildtypes/workflow/v1.
 */
export function readGitHubWorkflow(predicate: JsonObject): BuildOrigin {
  const { workflow, github } = partsOf(predicate);
  if (workflow["repository"] === undefined)
    return { sources: [], unstated: "it names no workflow repository" };
  const declared = { ...sourceAt(workflow["repository"]), ...refIn(workflow) };
  const resolved = resourcesOf(
    at(predicate, "buildDefinition", "resolvedDependencies"),
    "resolvedDependencies",
  )
    .filter(isSource)
    .map(sourceOf)
    .filter(({ repository }) => repository === declared.repository);
  return {
    sources: unite([declared], resolved),
    workflow: textOf(workflow["path"], MAX_TEXT),
    trigger: textOf(github["event_name"], MAX_TEXT),
  };
}

/**
 * slsa-github-generator, SLSA v1 (container-based builder and delegators): the source to build is among the dependencies,
 * the calling workflow is a parameter. Both count.
 * Sources: slsa-framework/slsa-github-generator, internal/builders/docker and actions/delegator; slsa-verifier, gha/slsaprovenance/v1.0.
 */
export function readSlsaGenerator(predicate: JsonObject): BuildOrigin {
  const { parameters, workflow, system } = partsOf(predicate);
  const source = parameters["source"];
  const declared = [
    ...(at(source, "uri") === undefined ? [] : [sourceAt(at(source, "uri"), at(source, "digest"))]),
    ...(workflow["repository"] === undefined
      ? []
      : [{ ...sourceAt(workflow["repository"]), ...refIn(workflow) }]),
  ];
  const resolved = resourcesOf(
    at(predicate, "buildDefinition", "resolvedDependencies"),
    "resolvedDependencies",
  )
    .filter(isGit)
    .map(sourceOf);
  return {
    sources: unite(declared, resolved),
    workflow: textOf(workflow["path"], MAX_TEXT),
    trigger: textOf(system["GITHUB_EVENT_NAME"], MAX_TEXT),
  };
}

/**
 * slsa-github-generator, SLSA v0.2 (generic, Go, container and delegators): configSource is the calling workflow's
 * repository, the git materials are what was built. Both count.
 * Source: slsa-framework/slsa-github-generator, internal/builders and slsa; slsa-verifier, gha/slsaprovenance/v0.2.
 */
export function readSlsaGeneratorV02(predicate: JsonObject): BuildOrigin {
  const config = objectAt(predicate, "invocation", "configSource");
  const environment = objectAt(predicate, "invocation", "environment");
  const declared = config["uri"] === undefined ? [] : [sourceAt(config["uri"], config["digest"])];
  const materials = resourcesOf(predicate["materials"], "materials").filter(isGit).map(sourceOf);
  return {
    sources: unite(declared, materials),
    workflow: textOf(config["entryPoint"], MAX_TEXT),
    trigger: textOf(environment["github_event_name"] ?? environment["GITHUB_EVENT_NAME"], MAX_TEXT),
  };
}

function refIn(workflow: JsonObject): { readonly ref?: string } {
  const ref = refOf(workflow["ref"]);
  return ref === undefined ? {} : { ref };
}

function partsOf(
  predicate: JsonObject,
): Readonly<Record<"parameters" | "workflow" | "system" | "github", JsonObject>> {
  const parameters = objectAt(predicate, "buildDefinition", "externalParameters");
  const system = objectAt(predicate, "buildDefinition", "internalParameters");
  return {
    parameters,
    workflow: objectAt(parameters, "workflow"),
    system,
    github: objectAt(system, "github"),
  };
}
