export { type DriftGate, openDriftGate } from "./drift/open-gate.ts";
export { type Drift, findDrift, reportDrift } from "./drift/find-drift.ts";
export { type ReadSettings, serve } from "./serve.ts";
export { openSwitchGate, type SwitchGate } from "./switch/switch-cluster.ts";
export { dangersInSettings } from "./settings/dangers.ts";
export { settingsDocument } from "./settings/settings-weakenings.ts";
export { Settings } from "./settings/settings.ts";
