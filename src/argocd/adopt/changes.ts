import {
  componentUrl,
  type Hook,
  hookSource,
  ignoresMissing,
  kustomizeOf,
  renamingPatch,
  sourcesOf,
} from "./hook.ts";
import { speaksOfSources } from "./kustomizations.ts";
import type { ApplicationSet, Source, Spec } from "./objects.ts";

/** From the top of an object to a value in it. */
export type Path = readonly (string | number)[];
type Plain = Readonly<Record<string, unknown>>;

export type Change =
  /** An entry at the end of a list. */
  | { readonly kind: "append"; readonly path: Path; readonly value: string | Plain }
  /** Fields of a map that does not have them. */
  | {
      readonly kind: "set";
      readonly path: Path;
      readonly fields: Readonly<Record<string, Plain | readonly (string | Plain)[]>>;
    }
  /** A map becomes the first entry of a list of another name, which takes its place; the value is the second. */
  | {
      readonly kind: "wrap";
      readonly path: Path;
      readonly field: string;
      readonly as: string;
      readonly value: Plain;
    };

/** How the Application itself brings the hook in: as its own source, or as a component of kustomize's. */
export type Strategy = "sources" | "components";

/** The changes that bring the hook in, or why there are none that a program may make: one clause. */
export type Planned = { readonly changes: readonly Change[] } | { readonly byHand: string };

/** Where a spec is, and what is known of it. */
export interface SpecPlace {
  readonly spec: Spec;
  /** From the top of its object. */
  readonly path: Path;
  /** The tool that renders each source, where Argo CD has told it. */
  readonly tools: readonly string[];
  /** The Application that is rendered, which the hook is named after. */
  readonly application: string;
}

/** The change of a spec that does not name the hook. */
export function planChange(place: SpecPlace, hook: Hook, way: Strategy): Planned {
  const { spec } = place;
  if (spec.sourceHydrator !== undefined && spec.sourceHydrator !== null)
    return { byHand: "its manifests are hydrated: the hook belongs where the hydrator reads" };
  if (sourcesOf(spec).length === 0) return { byHand: "no source is written here" };
  return way === "sources" ? asSource(place, hook) : asComponent(place, hook);
}

/** Why the template of an ApplicationSet is not all that decides on sources; undefined where it is. */
export function otherSourcesOf({ spec }: ApplicationSet): string | undefined {
  if (speaksOfSources(spec.templatePatch ?? "")) return "its templatePatch changes sources";
  if ((spec.generators ?? []).some(bringsSources)) return "a generator's template adds sources";
  return undefined;
}

/** The hook goes last: of two objects of one name Argo CD applies the last source's. */
function asSource({ spec, path }: SpecPlace, hook: Hook): Planned {
  const value = hookSource(hook);
  if (spec.sources && spec.sources.length > 0)
    return { changes: [{ kind: "append", path: [...path, "sources"], value }] };
  return { changes: [{ kind: "wrap", path, field: "source", as: "sources", value }] };
}

function asComponent({ spec, path, tools, application }: SpecPlace, hook: Hook): Planned {
  const sources = sourcesOf(spec);
  const at = sources.findIndex((source, index) => kustomizeOf(source) || tools[index] === "Kustomize");
  const source = sources[at];
  if (source === undefined)
    return { byHand: "nothing shows that kustomize renders it; --way sources fits any Application" };
  if (ignoresMissing(source))
    return { byHand: "its ignoreMissingComponents would silently leave the component out" };
  const place = spec.sources && spec.sources.length > 0 ? [...path, "sources", at] : [...path, "source"];
  const lists = { components: componentUrl(hook), patches: renamingPatch(application) };
  return { changes: componentChanges(source, place, lists) };
}

function componentChanges(
  source: Source,
  path: Path,
  { components, patches }: { readonly components: string; readonly patches: Plain },
): readonly Change[] {
  const kustomize = kustomizeOf(source);
  if (kustomize === undefined) {
    const value = { components: [components], patches: [patches] };
    return [{ kind: "set", path, fields: { kustomize: value } }];
  }
  const inner = [...path, "kustomize"];
  const wanted = Object.entries({ components, patches });
  const isList = ([field]: readonly [string, unknown]): boolean => Array.isArray(kustomize[field]);
  const appended = wanted
    .filter(isList)
    .map(([field, value]): Change => ({ kind: "append", path: [...inner, field], value }));
  const missing = wanted.filter((each) => !isList(each)).map(([field, value]) => [field, [value]]);
  const fields = Object.fromEntries(missing) as Readonly<Record<string, readonly (string | Plain)[]>>;
  // In a file, an entry at the end of a list goes before a field behind that list.
  return missing.length === 0 ? appended : [...appended, { kind: "set", path: inner, fields }];
}

/** Matrix and merge generators hold others; `readArgoObject` bounds how deep. */
function bringsSources(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value)) return value.some(bringsSources);
  const { template } = value as { readonly template?: { readonly spec?: unknown } };
  const spec = template?.spec;
  if (typeof spec === "object" && spec !== null && ("source" in spec || "sources" in spec)) return true;
  return Object.values(value).some(bringsSources);
}
