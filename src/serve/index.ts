export { type ReadSettings, serve } from "./serve.ts";
export { dangersInSettings } from "./settings/dangers.ts";
export { settingsDocument } from "./settings/settings-weakenings.ts";
export { Settings } from "./settings/settings.ts";
