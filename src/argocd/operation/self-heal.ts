import type { AdmissionRequest } from "../../admission/index.ts";
import { isPinnedText, withDeadline } from "../../core/index.ts";
import { lateFault } from "../../gate/index.ts";
import type { Application, SyncOperation } from "../application.ts";
import type { OperationDeps } from "../ports.ts";
import { isThisCluster, type Target } from "../target/read-target.ts";

/** A sync that may be a self-heal. */
export interface PossibleHeal {
  readonly request: Pick<AdmissionRequest, "userInfo">;
  readonly application: Application;
  readonly sync: SyncOperation;
  readonly signal: AbortSignal;
}

/**
 * A target without the images that its namespaces' pods run already, where this is a self-heal by Argo CD itself and the
 * settings keep them. What counts is the digest in the spec of a pod, which admission has let in; nothing that a status says.
 * Where pods cannot be listed, all images are judged, and a note says so. Never rejects.
 */
export async function withoutRunning(
  target: Target,
  heal: PossibleHeal,
  deps: OperationDeps,
): Promise<Target> {
  if (!isKept(heal, deps)) return target;
  const namespaces = [...new Set(target.groups.map(({ namespace }) => namespace))];
  const notes: string[] = [];
  const running = new Map<string, ReadonlySet<string>>();
  for (const namespace of namespaces) {
    try {
      const images = await withDeadline(heal.signal, deps.runningImages(namespace), () =>
        lateFault("listing pods"),
      );
      running.set(namespace, new Set(images.filter(isPinnedText)));
    } catch {
      notes.push(
        `the pods of ${namespace} could not be listed, so the images that they run are checked, too`,
      );
    }
  }
  const groups = target.groups.map((group) => ({
    ...group,
    subjects: group.subjects.filter(({ image }) => !running.get(group.namespace)?.has(image)),
  }));
  return { ...target, groups, notes: [...target.notes, ...notes] };
}

function isKept(
  { request, application, sync }: PossibleHeal,
  { selfHeal, controllers, thisCluster }: OperationDeps,
): boolean {
  const isHeal = controllers.includes(request.userInfo.username) && (sync.resources?.length ?? 0) > 0;
  return selfHeal === "keep" && isHeal && isThisCluster(application.spec.destination, thisCluster);
}
