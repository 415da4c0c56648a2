import { type JsonObject, isObject } from "../../json.ts";
import { at } from "../fields.ts";
import { type BuildOrigin, objectAt, sourceAt } from "./source.ts";

const NAMED_CONTEXT = "context:";
/** Named contexts that hold images: they replace a base image, and are not a source. */
const IMAGES = /^(?:docker-image|oci-layout):\/\//;

/**
 * BuildKit: the source is the remote build context, where BuildKit fetched it itself and recorded its digest. What the
 * client sends from its disk, and `vcs`, which is the client's hint, say nothing: a build from local files, or with a local
 * Dockerfile, states no source.
 * Source: moby/buildkit, docs/attestations/slsa-definitions.md and solver/llbsolver/provenance/predicate.go.
 */
export function readBuildKit(predicate: JsonObject): BuildOrigin {
  const parameters = objectAt(predicate, "buildDefinition", "externalParameters");
  return originOf(objectAt(parameters, "configSource"), objectAt(parameters, "request"));
}

/** BuildKit with SLSA v0.2; see readBuildKit. */
export function readBuildKitV02(predicate: JsonObject): BuildOrigin {
  const invocation = objectAt(predicate, "invocation");
  return originOf(objectAt(invocation, "configSource"), objectAt(invocation, "parameters"));
}

function originOf({ uri, digest }: JsonObject, request: JsonObject): BuildOrigin {
  const { locals } = request;
  if (uri === undefined || uri === "") return { sources: [], unstated: "it was built from local files" };
  if (locals !== undefined && locals !== null && !(Array.isArray(locals) && locals.length === 0))
    return { sources: [], unstated: "it was built with local files" };
  // BuildKit writes the address as the client asked for it where the build never fetched it
  const isResolved = isObject(digest) && Object.keys(digest).length > 0;
  if (!isResolved) return { sources: [], unstated: "its context has no digest" };
  const contexts = namedContexts(at(request, "args"));
  if (contexts.some((each) => !each.includes("://")))
    return { sources: [], unstated: "one of its contexts has no address" };
  return { sources: [sourceAt(uri, digest), ...contexts.map((each) => sourceAt(each))] };
}

/** Build contexts in addition to the main one (`--build-context`), without images. */
function namedContexts(args: unknown): string[] {
  if (!isObject(args)) return [];
  return Object.entries(args)
    .filter(([key]) => key.startsWith(NAMED_CONTEXT))
    .map(([, value]) => String(value))
    .filter((each) => !IMAGES.test(each));
}
