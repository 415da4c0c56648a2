import { z } from "zod";

import { type Mode, stricterMode } from "../core/index.ts";
import { Destination, NamespaceLabels } from "./application.ts";
import type { TargetDeps } from "./ports.ts";
import { isThisCluster, modesOf } from "./target/read-target.ts";

/** What of an Application says where its objects go, and nothing else: the rest of it may be what cannot be read. */
const Whereabouts = z.object({
  spec: z.object({ destination: Destination, syncPolicy: NamespaceLabels }),
  status: z.object({ resources: z.array(z.object({ namespace: z.string().nullish() })).nullish() }).nullish(),
});

/** What says how strict namespaces are. */
export type ModeDeps = Pick<
  TargetDeps,
  "modeOf" | "defaultMode" | "strictestMode" | "otherClusters" | "thisCluster"
>;

/**
 * The mode that a fault follows where it is not known what a sync would apply: the strictest of the namespaces that the
 * Application is known to deploy to, or else of all. Its status can only make it stricter.
 */
export function faultMode(application: unknown, deps: ModeDeps): Mode {
  const parsed = Whereabouts.safeParse(application);
  if (!parsed.success) return strictestOfAll(deps);
  const { spec, status } = parsed.data;
  if (!isThisCluster(spec.destination, deps.thisCluster)) return deps.otherClusters;
  const { namespace } = spec.destination;
  if (!namespace) return deps.strictestMode();
  const modeOf = modesOf({ namespaces: [] }, { spec }, deps);
  const others = (status?.resources ?? []).flatMap((each) => each.namespace || []);
  return strictestOf([namespace, ...others], modeOf);
}

/** The strictest mode that there is anywhere: what a fault follows where nothing is known. */
export function strictestOfAll({ strictestMode, otherClusters }: ModeDeps): Mode {
  return stricterMode(strictestMode(), otherClusters);
}

/** The strictest mode of some namespaces; `off` where there are none. */
export function strictestOf(namespaces: readonly string[], modeOf: (namespace: string) => Mode): Mode {
  return [...new Set(namespaces)].reduce<Mode>((mode, each) => stricterMode(mode, modeOf(each)), "off");
}
