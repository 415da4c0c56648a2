import { writeFileSync } from "node:fs";

import { dashboardText } from "./dashboard/grafana.ts";

/** Writes the Grafana dashboard; its test fails where the file lags behind. */
writeFileSync("charts/mc-gate/dashboard.json", dashboardText());
