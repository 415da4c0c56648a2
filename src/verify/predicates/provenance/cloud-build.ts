import type { BuildSource } from "../../../core/index.ts";
import type { JsonObject } from "../../json.ts";
import { at, textOf } from "../fields.ts";
import {
  type BuildOrigin,
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
 * Google Cloud Build: `sourceToBuild` where the build definition lies elsewhere, else `buildConfigSource`, and every other
 * source among the dependencies, which is all there is for a build that was submitted by hand.
 * Source: cloud.google.com/build/gcb-buildtypes/google-worker/v1.
 */
export function readCloudBuild(predicate: JsonObject): BuildOrigin {
  const parameters = objectAt(predicate, "buildDefinition", "externalParameters");
  const config = statedAt(parameters, "buildConfigSource");
  const apart = statedAt(parameters, "sourceToBuild");
  const resolved = resourcesOf(
    at(predicate, "buildDefinition", "resolvedDependencies"),
    "resolvedDependencies",
  )
    .filter(isSource)
    .map(sourceOf);
  if (apart === undefined) {
    const path = at(parameters, "buildConfigSource", "path");
    return {
      sources: unite(config === undefined ? [] : [config], resolved),
      workflow: textOf(path, MAX_TEXT),
    };
  }
  // the definition's repository is not a source of the image, unless it is the repository to build as well
  const others = resolved.filter(
    ({ repository }) => repository !== config?.repository || repository === apart.repository,
  );
  return { sources: unite([apart], others) };
}

function statedAt(parameters: JsonObject, key: string): BuildSource | undefined {
  const { repository, ref } = objectAt(parameters, key);
  if (repository === undefined) return undefined;
  const full = refOf(ref);
  return { ...sourceAt(repository), ...(full !== undefined && { ref: full }) };
}
