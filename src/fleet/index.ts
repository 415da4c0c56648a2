export type { Campaign } from "./campaign.ts";
export type { Clock } from "./clock.ts";
export { refOf } from "./discovery/callers.ts";
export { discover, type DiscoverOptions, reasonToSkip } from "./discovery/discover.ts";
export { OPT_OUT_FILE, type OptOutList, readOptOut, readOptOutList } from "./discovery/opt-out.ts";
export { type Survey, SURVEY_STATES } from "./discovery/survey.ts";
export { createFleetClient, type FleetClient } from "./github/client.ts";
export { fleetReads } from "./github/reads.ts";
export { fleetWrites } from "./github/writes.ts";
export type { CalledWorkflow, FleetPort, FleetReads, Repository } from "./ports.ts";
export { DASHBOARD_LABEL, DASHBOARD_TITLE, dashboardBody, readTicks } from "./rollout/dashboard.ts";
export { type FleetLine, readFleetJournal } from "./rollout/journal.ts";
export type { Outcome } from "./rollout/open.ts";
export { type FleetPlan, isToDo, plannedFor } from "./rollout/plan.ts";
export { readPlan } from "./rollout/plan-file.ts";
export {
  isDue,
  nextWithdrawals,
  withdraw,
  withdrawals,
  type Withdrawal,
  type Withdrawn,
} from "./rollout/rollback.ts";
export { findWave, openWave, type Wave, type WaveOptions } from "./rollout/run-open.ts";
export { WAVES } from "./rollout/waves.ts";
export type { ProgressById } from "./rollout/progress.ts";
export { githubTracker } from "./github/tracker.ts";
export { type ImportReport, importTickets } from "./tickets/import-tickets.ts";
export { readTickets } from "./tickets/read-tickets.ts";
