export type { Way } from "./changes.ts";
export type { Hook } from "./hook.ts";
export type { Found, Layer, SurveyOptions } from "./identity.ts";
export { jsonPatchOf } from "./json-patch.ts";
export { type Kustomization, readKustomization, speaksOfSources } from "./kustomizations.ts";
export { hasSources, isPartial, readArgoObject } from "./objects.ts";
export type { ProjectNote } from "./project-notes.ts";
export { survey, type Survey } from "./survey.ts";
export type { Subject } from "./subjects.ts";
