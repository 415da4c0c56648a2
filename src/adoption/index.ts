export type { Way } from "./changes.ts";
export type { Hook } from "./hook.ts";
export type { Found, SurveyOptions } from "./identity.ts";
export { jsonPatchOf } from "./json-patch.ts";
export { readArgoObject } from "./objects.ts";
export { survey, type Survey } from "./survey.ts";
export type { Subject } from "./subjects.ts";
