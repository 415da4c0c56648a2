import { generatedBy } from "./generated.ts";
import type { Context } from "./hook-status.ts";
import { type Found, isLive, keyOf, type Located, madeBy, type SurveyOptions } from "./identity.ts";
import { type Application, type ApplicationSet, hasSources, isPartial } from "./objects.ts";
import { type ProjectNote, projectNotes } from "./project-notes.ts";
import { applicationSubject, setSubject, type Candidate, unseenSet } from "./subjects.ts";

export interface Survey<Place> {
  /** By namespace and name. */
  readonly subjects: readonly Candidate<Place>[];
  readonly projects: readonly ProjectNote[];
}

/**
 * Which Applications have the hook, and what would bring it to the others. It says only what the objects themselves show:
 * the hook in a chart or a kustomization is seen once a whole sync has run it.
 */
export function survey<Place>(found: readonly Found<Place>[], options: SurveyOptions): Survey<Place> {
  const applications = found.filter(isApplication).filter(hasPlace);
  const context = { ...options, statuses: statusesOf(applications, options) };
  const subjects = [
    ...kept(applications, options)
      .filter(({ object }) => madeBy(object) === undefined)
      .map((each) => applicationSubject(each, context)),
    ...setSubjects(found.filter(isSet).filter(hasPlace), applications, context),
  ].toSorted((a, b) => orderOf(a).localeCompare(orderOf(b), "en"));
  const projects = found.flatMap(({ object }) => (object.kind === "AppProject" ? [object] : []));
  return { subjects, projects: projectNotes(subjects, projects, options) };
}

/** A part of an object that says nothing of sources has no say in whether the hook is there. */
function hasPlace<Place>({ object }: Located<Application | ApplicationSet, Place>): boolean {
  return !isPartial(object) || hasSources(object);
}

function setSubjects<Place>(
  sets: readonly Located<ApplicationSet, Place>[],
  applications: readonly Located<Application, Place>[],
  context: Context,
): Candidate<Place>[] {
  const generated = generatedBy(
    applications.map(({ object }) => object),
    context,
  );
  const seen = new Set(sets.map(({ object }) => keyOf(object, context)));
  return [
    ...kept(sets, context).map((each) =>
      setSubject(each, generated.get(keyOf(each.object, context)), context),
    ),
    ...[...generated].flatMap(([key, each]) => (seen.has(key) ? [] : [unseenSet<Place>(each, context)])),
  ];
}

/** What a cluster reports about Applications. */
function statusesOf<Place>(
  applications: readonly Located<Application, Place>[],
  options: SurveyOptions,
): Context["statuses"] {
  const known = applications.filter(({ object }) => object.status);
  return new Map(known.map(({ object }) => [keyOf(object, options), object.status]));
}

/** Of an object that was read from a cluster and from what is kept of it, only the latter: the cluster follows it. */
function kept<T extends Application | ApplicationSet, Place>(
  found: readonly Located<T, Place>[],
  options: SurveyOptions,
): Located<T, Place>[] {
  const files = new Set(
    found
      .filter(({ object }) => !isLive(object) && !isPartial(object))
      .map(({ object }) => keyOf(object, options)),
  );
  return found.filter(({ object }) => !isLive(object) || !files.has(keyOf(object, options)));
}

function isApplication<Place>(each: Found<Place>): each is Located<Application, Place> {
  return each.object.kind === "Application";
}

function isSet<Place>(each: Found<Place>): each is Located<ApplicationSet, Place> {
  return each.object.kind === "ApplicationSet";
}

function orderOf({ namespace, name, kind }: Candidate<unknown>): string {
  return `${namespace}/${name}/${kind}`;
}
