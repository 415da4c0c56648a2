import type { Digest } from "../../core/index.ts";
import type { InTurn } from "../auth/turns.ts";
import type { Content } from "../content.ts";
import type { ReadDocument } from "../documents.ts";
import type { RegistryLimits } from "../settings.ts";
import type { Wanted } from "./attached-layers.ts";
import type { Budget } from "./budget.ts";
import type { Intake } from "./intake.ts";
import type { PlaceName } from "./places.ts";

/** What all steps of collecting one subject's attachments share. */
export interface Collection {
  readonly content: Content;
  readonly read: ReadDocument;
  readonly subject: Digest;
  readonly wanted: Wanted;
  readonly limits: RegistryLimits;
  /** Of lists and manifests. */
  readonly listBudget: Budget;
  /** One long list at a time is in memory. */
  readonly inTurn: InTurn;
  /** Of signatures, attestations and bundles. */
  readonly budget: Budget;
  readonly intake: Intake;
  readonly signal: AbortSignal;
  /** Where the repository's images usually have something; none where nothing is known. */
  readonly usual: readonly PlaceName[];
  /** Told which places held something. */
  readonly held: (places: readonly PlaceName[]) => void;
}
