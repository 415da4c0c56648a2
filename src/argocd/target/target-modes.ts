import { type Mode, MODE_LABEL, modeOfLabel, stricterMode } from "../../core/index.ts";
import type { KubeObject } from "../../workloads/index.ts";

/** What says how strict a namespace of a target is. */
export interface ModeSources {
  /** The mode that holds in a namespace of this cluster now; undefined where none is known. */
  readonly modeOf: (namespace: string) => Mode | undefined;
  /** The mode of namespaces about which nothing is known. */
  readonly defaultMode: Mode;
  /** Labels that Argo CD gives to the namespace that it makes. */
  readonly managed?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
}

/**
 * The mode of each namespace once the target is there: the stricter of what holds now and what the target's own labels
 * ask for, so that a sync which turns a namespace to enforce is checked against it.
 */
export function targetModes(objects: readonly KubeObject[], sources: ModeSources): (name: string) => Mode {
  const declared = new Map<string, Mode>();
  const ask = (name: string, labels: Readonly<Record<string, string>>): void => {
    const mode = modeOfLabel(labels[MODE_LABEL]);
    if (mode !== undefined) declared.set(name, mode);
  };
  if (sources.managed !== undefined) ask(sources.managed.namespace, sources.managed.labels);
  for (const { group, kind, name, labels } of objects)
    if (group === "" && kind === "Namespace") ask(name, labels);
  return (name) => {
    const now = sources.modeOf(name);
    const then = declared.get(name);
    if (now === undefined) return then ?? sources.defaultMode;
    return then === undefined ? now : stricterMode(now, then);
  };
}
