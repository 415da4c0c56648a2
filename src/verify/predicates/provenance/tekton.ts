import { type BuildSource, readJson } from "../../../core/index.ts";
import { isObject, type JsonObject } from "../../json.ts";
import { Rejected } from "../../rejected.ts";
import { at, needList } from "../fields.ts";
import {
  type BuildOrigin,
  isSource,
  objectAt,
  type Resource,
  resourcesOf,
  sourceAt,
  sourceOf,
  unite,
} from "./source.ts";

/** Where Chains says that a definition of the run comes from; everything else is an input of the build. */
const DEFINITIONS: readonly unknown[] = [
  "pipeline",
  "task",
  "pipelineTask",
  "config/pipeline",
  "config/task",
  "config/pipelineTask",
];
const GIT_URL = "CHAINS-GIT_URL";
const INPUTS = "ARTIFACT_INPUTS";
const MAX = 10_000;
const MAX_CONTENT = 64 * 1024;
const UNSTATED = "no input of the run names a source other than the definitions of the pipeline";

/**
 * Tekton Chains, SLSA v1: the sources are the inputs that the run hints at. The repositories of the pipeline and of its
 * tasks are not among them: anyone who defines a pipeline says nothing of what others build with it. Chains drops an
 * input that has the address and digest of a definition, so that the hints themselves are read as well. Sources:
 * tektoncd/chains, docs/predicate/slsa/v2.md, docs/slsa-provenance.md (type hinting) and
 * pkg/chains/formats/slsa/internal/resolved_dependencies.
 */
export function readTekton(predicate: JsonObject): BuildOrigin {
  const definition = objectAt(predicate, "buildDefinition");
  const details = objectAt(predicate, "runDetails");
  const inputs = resourcesOf(definition["resolvedDependencies"], "resolvedDependencies")
    .filter((each) => !DEFINITIONS.includes(each.name) && isSource(each))
    .map(sourceOf);
  const params = listAt(at(definition, "externalParameters", "runSpec", "params"), "params");
  const byproducts = listAt(details["byproducts"] ?? details["byProducts"], "byproducts").map(resultOf);
  return originOf(inputs, [...params, ...byproducts].flatMap(hintedBy));
}

/**
 * Tekton Chains, SLSA v0.2: materials have no names, so that those which some configSource of the run names are left
 * out, and the hints are read as well. See readTekton. Source: tektoncd/chains, pkg/chains/formats/slsa/v1 and
 * internal/material.
 */
export function readTektonV02(predicate: JsonObject): BuildOrigin {
  const tasks = listAt(at(predicate, "buildConfig", "tasks"), "tasks");
  const invocations = [predicate, ...tasks].map((each) => objectAt(each, "invocation"));
  const definitions = new Set(invocations.map(({ configSource }) => keyOf(configSource)));
  const materials = resourcesOf(predicate["materials"], "materials")
    .filter((each) => isSource(each) && !definitions.has(keyOf({ uri: each.address, digest: each.digest })))
    .map(sourceOf);
  const params = invocations.flatMap(({ parameters }) =>
    isObject(parameters) ? Object.entries(parameters).map(([name, value]) => ({ name, value })) : [],
  );
  const results = tasks.flatMap((each) => listAt(at(each, "results"), "results"));
  return originOf(materials, [...params, ...results].flatMap(hintedBy));
}

function originOf(inputs: readonly BuildSource[], hinted: readonly BuildSource[]): BuildOrigin {
  const sources = unite(hinted, inputs);
  return sources.length === 0 ? { sources, unstated: UNSTATED } : { sources };
}

/** The source that a parameter or result names by Chains' type hinting. */
function hintedBy(entry: unknown): BuildSource[] {
  const name = at(entry, "name");
  if (typeof name !== "string") return [];
  const value = plainOf(at(entry, "value"));
  if (name === GIT_URL) return value === undefined || value === "" ? [] : [sourceAt(value)];
  if (!name.endsWith(INPUTS) || !isObject(value)) return [];
  const resources: readonly Resource[] = resourcesOf([{ uri: value["uri"] }], "inputs");
  return resources.filter(isSource).map(sourceOf);
}

/** A result among the byproducts: `taskRunResults/NAME`, its value as JSON in Base64. */
function resultOf(byproduct: unknown): { readonly name: unknown; readonly value: unknown } {
  const [name, content] = [at(byproduct, "name"), at(byproduct, "content")];
  const last = typeof name === "string" ? name.slice(name.lastIndexOf("/") + 1) : undefined;
  if (last === undefined || !(last === GIT_URL || last.endsWith(INPUTS)))
    return { name: undefined, value: undefined };
  if (typeof content !== "string" || content.length > MAX_CONTENT)
    throw new Rejected(
      "malformed",
      `the content of ${last} is not a text of at most ${MAX_CONTENT} characters`,
    );
  return { name: last, value: readJson(Buffer.from(content, "base64")) };
}

/** Older versions of Chains write a text with its quotes. */
function plainOf(value: unknown): unknown {
  return typeof value === "string" && value.startsWith('"') ? readJson(value) : value;
}

/** An address and its digest, in one text; the order of the algorithms means nothing. */
function keyOf(resource: unknown): string {
  const digest = at(resource, "digest");
  const hashes = isObject(digest)
    ? Object.entries(digest).map(([name, value]) => `${name}:${String(value)}`)
    : [];
  return JSON.stringify([at(resource, "uri"), ...hashes.toSorted()]);
}

function listAt(value: unknown, what: string): readonly unknown[] {
  return needList(value ?? [], MAX, what);
}
