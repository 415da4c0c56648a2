/** Runs work that is the gate's own, and no time of a registry's; `what` names it, with its setting where it has one. */
export type OwnWork = <T>(what: string, work: () => Promise<T>) => Promise<T>;

/** Runs one request that has its connection: what a registry leaves unanswered is its own time, whatever else is waited for. */
export type RegistryWork = <T>(request: () => Promise<T>) => Promise<T>;

/** What reading a registry takes of the gate itself; nothing is waited for where absent. */
export interface OwnResources {
  /** Waited for before so many bytes are read and held. What was read before is done with. */
  readonly reserveBytes?: (bytes: number) => Promise<void>;
  /** Runs whatever waits for the gate: a thread that reads, a connection that others hold, the cluster's secrets. */
  readonly ownWork?: OwnWork;
  readonly registryWork?: RegistryWork;
}
