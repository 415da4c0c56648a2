import { writeFileSync } from "node:fs";

import { dashboardText } from "./dashboard/grafana.ts";
import { OVERVIEW_BOARD } from "./dashboard/overview.ts";
import { GATE_BOARD } from "./dashboard/sections.ts";

/** Writes the Grafana dashboards; their tests fail where the files lag behind. */
writeFileSync("charts/mc-gate/dashboard.json", dashboardText(GATE_BOARD));
writeFileSync("dashboards/mc-overview.json", dashboardText(OVERVIEW_BOARD));
