/** The document of switches as the cluster has it. */
export interface StoredDocument {
  /** Undefined where the ConfigMap has no such key. */
  readonly text: string | undefined;
  /** What a write has to name, so that no other's is lost; undefined where there is no ConfigMap. */
  readonly version: string | undefined;
}

/** What one replica says of itself. */
export interface ReplicaSwitches {
  /** Digest of the document that it has in force; undefined where it has none. */
  readonly digest: string | undefined;
  /** Ids of the switches in force by its own clock. */
  readonly switches: readonly string[];
}

/** One replica of the gate. */
export interface GateReplica {
  readonly name: string;
  readonly isReady: boolean;
  readonly isTerminating: boolean;
  /** Rejects where it cannot be asked. */
  readonly ask: () => Promise<ReplicaSwitches>;
}

/** By whom, why and until when the API server is told to admit what the gate does not answer. */
export interface FailOpen {
  readonly by: string;
  readonly reason: string;
  readonly ticket: string;
  readonly until: Date;
}

/** Another write came between reading and writing; reading again helps. */
export class WriteConflict extends Error {
  override readonly name = "WriteConflict";
}

/** The API server, or the gate's guard, does not permit a write; reading again does not help. */
export class SwitchRefused extends Error {
  override readonly name = "SwitchRefused";
}

/** The cluster of a gate, as the person who switches sees it. Everything rejects where it cannot be asked. */
export interface SwitchCluster {
  /** Whom the API server takes the caller for. */
  readonly user: () => Promise<string>;
  readonly document: () => Promise<StoredDocument>;
  /** Rejects with WriteConflict where the version is another by now. */
  readonly write: (
    text: string,
    version: string | undefined,
    options: { readonly isDryRun: boolean },
  ) => Promise<void>;
  readonly replicas: () => Promise<readonly GateReplica[]>;
  /** What the webhooks are told to admit unanswered; undefined where nothing is. */
  readonly failOpen: () => Promise<FailOpen | undefined>;
  readonly setFailOpen: (note: FailOpen, options: { readonly isDryRun: boolean }) => Promise<void>;
  /** Puts the webhooks back; whether there was something to put back. */
  readonly endFailOpen: (options: { readonly isDryRun: boolean }) => Promise<boolean>;
}
