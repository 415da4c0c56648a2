import { type Provenance, parseInstant } from "../core/index.ts";
import { isObject, type JsonObject } from "./json.ts";

const MAX_TEXT = 1024;
const SLSA_V1 = "https://slsa.dev/provenance/v1";
const SLSA_V02 = "https://slsa.dev/provenance/v0.2";

/**
 * SLSA provenance v0.2 and v1 in one shape; undefined where the predicate is of another type or names no builder.
 * Sources: slsa.dev/spec/v1.0/provenance, slsa.dev/spec/v0.2/provenance, and the build types of GitHub Actions.
 */
export function readProvenance(predicateType: string, predicate: JsonObject): Provenance | undefined {
  if (predicateType === SLSA_V1) return readV1(predicate);
  return predicateType === SLSA_V02 ? readV02(predicate) : undefined;
}

function readV1(predicate: JsonObject): Provenance | undefined {
  const builderId = text(at(predicate, "runDetails", "builder", "id"));
  if (builderId === undefined) return undefined;
  const workflow = at(predicate, "buildDefinition", "externalParameters", "workflow");
  const source = firstOf(at(predicate, "buildDefinition", "resolvedDependencies"));
  const named = splitUri(text(at(source, "uri")));
  const metadata = at(predicate, "runDetails", "metadata");
  return dropUndefined({
    builderId,
    buildType: text(at(predicate, "buildDefinition", "buildType")),
    sourceRepository: repositoryOf(text(at(workflow, "repository"))) ?? named.repository,
    sourceRef: text(at(workflow, "ref")) ?? named.ref,
    sourceDigest: text(at(source, "digest", "gitCommit")),
    workflow: text(at(workflow, "path")),
    trigger: text(at(predicate, "buildDefinition", "internalParameters", "github", "event_name")),
    startedAt: instant(at(metadata, "startedOn")),
    finishedAt: instant(at(metadata, "finishedOn")),
  });
}

function readV02(predicate: JsonObject): Provenance | undefined {
  const builderId = text(at(predicate, "builder", "id"));
  if (builderId === undefined) return undefined;
  const source = at(predicate, "invocation", "configSource");
  const { repository, ref } = splitUri(text(at(source, "uri")));
  const metadata = at(predicate, "metadata");
  return dropUndefined({
    builderId,
    buildType: text(at(predicate, "buildType")),
    sourceRepository: repository,
    sourceRef: ref,
    sourceDigest: text(at(source, "digest", "sha1")),
    workflow: text(at(source, "entryPoint")),
    trigger: text(at(predicate, "invocation", "environment", "github_event_name")),
    startedAt: instant(at(metadata, "buildStartedOn")),
    finishedAt: instant(at(metadata, "buildFinishedOn")),
  });
}

function at(value: unknown, ...path: readonly string[]): unknown {
  let here = value;
  for (const key of path) here = isObject(here) && Object.hasOwn(here, key) ? here[key] : undefined;
  return here;
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : undefined;
}

/** A text of reasonable length; anything else is as good as absent. */
function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" && value.length <= MAX_TEXT ? value : undefined;
}

function instant(value: unknown): Date | undefined {
  return typeof value === "string" ? parseInstant(value) : undefined;
}

/** `git+https://github.com/acme/app@refs/heads/main` → repository and ref. */
function splitUri(uri: string | undefined): { repository: string | undefined; ref: string | undefined } {
  const mark = uri?.indexOf("@refs/") ?? -1;
  if (uri === undefined || mark < 0) return { repository: repositoryOf(uri), ref: undefined };
  return { repository: repositoryOf(uri.slice(0, mark)), ref: uri.slice(mark + 1) };
}

function repositoryOf(uri: string | undefined): string | undefined {
  const plain = uri?.replace(/^git\+/, "").replace(/\.git$/, "");
  return plain?.startsWith("https://") ? plain : undefined;
}

type Loose<T> = { [K in keyof T]: T[K] | undefined };

function dropUndefined(values: Loose<Provenance>): Provenance {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as unknown as Provenance;
}
