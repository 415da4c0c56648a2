export type { AttestLine, Outcome, PromoteRun, PromoteSums } from "./attest/lines.ts";
export { OUTCOMES } from "./attest/lines.ts";
export type { OwnSummary, SummaryPort } from "./attest/ports.ts";
export { promote } from "./attest/promote.ts";
export { unfinishedIn } from "./attest/record.ts";
export type { BuildLevel, Verification } from "./attest/statement.ts";
export { catalogSource } from "./inventory/catalog-source.ts";
export { type ClusterObjects, clusterImages } from "./inventory/cluster-images.ts";
export type { Source } from "./inventory/found.ts";
export { githubSource } from "./inventory/github-source.ts";
export { imagesSource } from "./inventory/images-source.ts";
export { inventory, type InventoryOptions } from "./inventory/inventory.ts";
export type { InventoryEnd, InventoryLine } from "./inventory/lines.ts";
export type { ClusterGap, ClusterPort, NamedImage, PackagesPort, PackageVersion } from "./inventory/ports.ts";
export { backfill, type Progress } from "./judge/backfill.ts";
export { type BuildRecords, linkByRecords } from "./judge/build-records.ts";
export {
  type Journal,
  type JournalFrame,
  type JournalStates,
  lineIn,
  readJournal,
  readStates,
  sameRun,
} from "./judge/journal.ts";
export { isSettled } from "./judge/known-images.ts";
export {
  type JournalLine,
  parseShard,
  type RunLine,
  type ShardPart,
  STATES,
  type SumsLine,
} from "./judge/lines.ts";
export { mergeJournals, type NamedJournal } from "./judge/merge.ts";
export type { JudgePort, LegacyPort } from "./judge/ports.ts";
export { type Proposals, proposalsFrom } from "./publish/proposals.ts";
export { readUses, type Uses } from "./publish/uses.ts";
export { gapIn } from "./publish/whole.ts";
