export { type ReadSettings, serve } from "./serve.ts";
export { Settings } from "./settings/settings.ts";
