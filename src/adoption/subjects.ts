import { type Change, otherSourcesOf, planChange, type SpecPlace } from "./changes.ts";
import type { Generated } from "./generated.ts";
import {
  appliedFor,
  isExempt,
  isLive,
  keyOf,
  type Located,
  type Named,
  namespaceOf,
  projectOf,
} from "./identity.ts";
import type { Application, ApplicationSet } from "./objects.ts";
import { type Context, EXEMPT, namedStanding, type Standing, standingOf, UNKNOWN } from "./standing.ts";

/** One Application, or one ApplicationSet for all that it makes. */
export interface Subject<Place> extends Standing {
  readonly kind: "Application" | "ApplicationSet";
  readonly namespace: string;
  readonly name: string;
  /** Undefined for an ApplicationSet that only its Applications speak of. */
  readonly place: Place | undefined;
  /** Whether it was read from a cluster rather than from what is kept of it. */
  readonly isLive: boolean;
  /** Of an ApplicationSet: how many Applications of it were read. */
  readonly generated?: number;
  /** Those that a template does not leave open. */
  readonly projects: readonly string[];
  /** What brings the hook in; undefined where it is there, or a person must do it. */
  readonly change: Change | undefined;
}

/** An Application that nothing generates. */
export function applicationSubject<Place>(
  { object, place }: Located<Application, Place>,
  context: Context,
): Subject<Place> {
  const standing = standingOf(object, context);
  const { sourceType, sourceTypes } = context.statuses.get(keyOf(object, context)) ?? {};
  const tools = sourceTypes?.length ? sourceTypes : [sourceType ?? ""];
  return {
    ...standing,
    ...identity(object, place, context),
    projects: [projectOf(object)],
    ...planned(standing, { spec: object.spec, path: ["spec"], tools }, { object, context }),
  };
}

/** An ApplicationSet with the Applications that it has made. */
export function setSubject<Place>(
  { object, place }: Located<ApplicationSet, Place>,
  generated: Generated | undefined,
  context: Context,
): Subject<Place> {
  const { spec } = object.spec.template;
  const projects = [projectOf(object), ...(generated?.projects ?? [])].filter((name) => !name.includes("{{"));
  const subject = {
    ...identity(object, place, context),
    generated: generated?.total ?? 0,
    projects: [...new Set(projects)],
    change: undefined,
  };
  if (isExempt(object, context)) return { ...subject, ...EXEMPT };
  const other = otherSourcesOf(object);
  const named = other === undefined ? namedTemplate(spec, generated, context) : undefined;
  if (named !== undefined) return { ...subject, ...named };
  const standing = unnamedTemplate(generated);
  if (standing.hook === "yes") return { ...subject, ...standing };
  if (other !== undefined) return { ...subject, ...standing, notes: [byHand(other)] };
  const at = { spec, path: ["spec", "template", "spec"], tools: [] };
  return { ...subject, ...standing, ...planned(standing, at, { object, context }) };
}

/** An ApplicationSet that is not among what was read. */
export function unseenSet<Place>({ namespace, name, total, projects, standing }: Generated): Subject<Place> {
  const asks = standing.hook === "no" || standing.hook === "unknown";
  return {
    ...standing,
    kind: "ApplicationSet",
    namespace,
    name,
    place: undefined,
    isLive: false,
    generated: total,
    projects,
    change: undefined,
    notes: asks ? ["it was not read, and its template is what has to change"] : [],
  };
}

/** A template that names the hook; its Applications may lag behind, or be kept as they are. */
function namedTemplate(
  spec: ApplicationSet["spec"]["template"]["spec"],
  generated: Generated | undefined,
  context: Context,
): Standing | undefined {
  const named = namedStanding(spec, generated?.standing.lastSync ?? "unknown", context);
  const without = (generated?.total ?? 0) - (generated?.withHook ?? 0);
  if (named === undefined || without === 0 || named.hook !== "yes") return named;
  const note = `${without} of its Applications do not have what its template has`;
  return { ...named, hook: "no", notes: [...named.notes, note] };
}

/** What the Applications of a template show that does not name the hook. */
function unnamedTemplate(generated: Generated | undefined): Standing {
  if (generated === undefined || generated.standing.hook === "exempt") return UNKNOWN;
  const { hook, by, lastSync } = generated.standing;
  return { hook, lastSync, notes: [], ...(hook === "yes" && by !== undefined && { by }) };
}

function planned(
  { hook, by, notes }: Standing,
  place: SpecPlace,
  { object, context }: { readonly object: Named; readonly context: Context },
): { readonly change: Change | undefined; readonly notes: readonly string[] } {
  if (hook === "exempt" || by !== undefined) return { change: undefined, notes };
  const plan = planChange(place, context.hook, context.way);
  if ("byHand" in plan) return { change: undefined, notes: [...notes, byHand(plan.byHand)] };
  const parent = isLive(object) ? appliedFor(object) : undefined;
  const kept = `Argo CD applies it for ${parent}: change it in that one's repository, or it comes back as it was`;
  return { change: plan.change, notes: parent === undefined ? notes : [...notes, kept] };
}

function byHand(why: string): string {
  return `${why}: to be changed by hand`;
}

function identity<Place>(object: Named, place: Place, context: Context) {
  const { kind, metadata } = object;
  return {
    kind,
    namespace: namespaceOf(object, context),
    name: metadata.name,
    place,
    isLive: isLive(object),
  };
}
