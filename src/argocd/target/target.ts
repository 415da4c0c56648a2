import { MODE_LABEL } from "../../core/index.ts";
import type { KubeObject } from "../../workloads/index.ts";
import { targetImages, type TargetImages, type TargetScope } from "./target-images.ts";
import { targetObjects } from "./target-objects.ts";

/** What a sync would run, and the namespaces that it would make or change. */
export interface Target extends TargetImages {
  readonly namespaces: readonly KubeObject[];
}

/** Characters of manifests above which they are read in another thread. */
const LARGE = 256 * 1024;

/** The target of manifests, each a JSON text; nothing of their size. Throws Faults. */
export function targetOf(manifests: readonly string[], scope: TargetScope): Target {
  const objects = targetObjects(manifests);
  return {
    ...targetImages(objects, scope),
    namespaces: objects
      .filter(({ group, kind }) => group === "" && kind === "Namespace")
      .map((each) => ({ ...each, labels: modeLabelOf(each), value: undefined })),
  };
}

function modeLabelOf({ labels }: KubeObject): KubeObject["labels"] {
  const mode = labels[MODE_LABEL];
  return mode === undefined ? {} : { [MODE_LABEL]: mode };
}

/** Reads a target in another thread, as `targetOf` does. Rejects with faults. */
export type ReadTargetElsewhere = (...input: Parameters<typeof targetOf>) => Promise<Target>;

/** Reads a target, a large one `elsewhere`. Rejects with faults. */
export async function readTargetOf(
  manifests: readonly string[],
  scope: TargetScope,
  elsewhere: ReadTargetElsewhere | undefined,
): Promise<Target> {
  const length = manifests.reduce((sum, text) => sum + text.length, 0);
  if (elsewhere === undefined || length <= LARGE) return targetOf(manifests, scope);
  return await elsewhere(manifests, scope);
}
