import type { Logger } from "pino";

import { printable } from "../core/index.ts";
import {
  type Enforcement,
  isRepetition,
  NO_SWITCHES,
  scopeOf,
  type Switch,
  switchesAt,
} from "../enforcement/index.ts";
import type { Recorder } from "../record/index.ts";
import type { JoinedCluster } from "./cluster.ts";
import type { Settings } from "./settings/settings.ts";

const TICK_MS = 500;
const MAX_WARNED = 300;

/** What is watched, and whom to tell. */
export interface SwitchWatch {
  readonly enforcement: () => Enforcement | undefined;
  readonly log: Pick<Logger, "warn">;
  readonly settings: Pick<Settings, "cluster">;
  readonly cluster: Pick<JoinedCluster, "tellEvent"> | undefined;
  readonly recorder: Pick<Recorder, "write">;
}

/**
 * Reports every switch that comes into force and that ends, by the log, the record and Events, also one that is in force when the process
 * starts. Decisions do not wait for this: they ask the clock themselves. Returns what ends it.
 */
export function watchSwitches(watch: SwitchWatch): () => void {
  let inForce: readonly Switch[] = [];
  const look = (): void => {
    const enforcement = watch.enforcement() ?? NO_SWITCHES;
    const now = switchesAt(enforcement, new Date());
    for (const each of now)
      if (!has(inForce, each)) tell("off", each, { ...watch, isRepeated: isRepetition(each, enforcement) });
    for (const each of inForce)
      if (!has(now, each)) tell("on", endOf(each, enforcement), { ...watch, isRepeated: false });
    inForce = now;
  };
  look();
  const timer = setInterval(look, TICK_MS).unref();
  return () => clearInterval(timer);
}

function has(switches: readonly Switch[], { id }: Switch): boolean {
  return switches.some((each) => each.id === id);
}

/** As it is in the document now: it may have been ended before its time. */
function endOf(entry: Switch, { switches }: Enforcement): Switch {
  return switches.find(({ id }) => id === entry.id) ?? entry;
}

function tell(
  change: "off" | "on",
  entry: Switch,
  {
    log,
    settings,
    cluster,
    recorder,
    isRepeated,
  }: Omit<SwitchWatch, "enforcement"> & { readonly isRepeated: boolean },
): void {
  const { id, by, reason, ticket, from, until, confirmed } = entry;
  const scope = scopeOf(entry);
  const fields = {
    switch: id,
    scope,
    by,
    ticket,
    reason,
    from: from.toISOString(),
    until: until.toISOString(),
    ...(confirmed !== undefined && { confirmedBy: confirmed.by }),
    ...(isRepeated && { isRepeated }),
  };
  log.warn(fields, change === "off" ? "enforcement is switched off" : "enforcement is back");
  recorder.write({ msg: "switch", fields: { change, ...fields } });
  if (cluster === undefined || settings.cluster === undefined) return;
  const { namespace, enforcement } = settings.cluster;
  cluster.tellEvent({
    regarding: { apiVersion: "v1", kind: "ConfigMap", namespace, name: enforcement.configMap },
    reason: change === "off" ? "EnforcementOff" : "EnforcementOn",
    action: "SwitchEnforcement",
    type: change === "off" ? "Warning" : "Normal",
    note: printable(noteOf(change, entry, isRepeated), MAX_WARNED + 700),
  });
}

function noteOf(change: "off" | "on", entry: Switch, isRepeated: boolean): string {
  const { id, by, reason, ticket, until } = entry;
  const scope = scopeOf(entry);
  return change === "off"
    ? `${by} switched enforcement off${isRepeated ? " again" : ""} for ${scope} until ${until.toISOString()} (${id}, ${ticket}): ${reason}. Revocations keep refusing.`
    : `Enforcement is back for ${scope}: ${id}, which ${by} switched off, ended at ${until.toISOString()}.`;
}
