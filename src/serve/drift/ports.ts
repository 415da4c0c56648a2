import type { DriftCounts, GateState, StateText } from "../state/gate-state.ts";

/** Why a replica or the API server could not be asked; shown to the user. */
export class DriftError extends Error {
  override readonly name = "DriftError";
}

/** One replica of the gate. */
export interface Replica {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
}

/** The gate, as `mc drift` asks it. Everything rejects where it cannot be asked. */
export interface DriftDeps {
  readonly replicas: () => Promise<readonly Replica[]>;
  readonly state: (replica: Replica) => Promise<GateState>;
  readonly text: (replica: Replica, name: StateText) => Promise<string>;
  /** The webhook configuration; undefined where there is none. */
  readonly webhooks: () => Promise<unknown>;
  /** Leaves the counts with a replica, whose metrics have them then. */
  readonly report: (replica: Replica, counts: DriftCounts) => Promise<void>;
}
