import { Fault, printable } from "../../core/index.ts";
import type { MovingRevision, WantedTarget } from "../target/wanted-target.ts";

/** Whose sync it is. */
export interface SyncStarter {
  /** Who wrote the operation, and for whom. */
  readonly starter: string;
  /** Whether a retry would take the newest revisions. */
  readonly refreshes: boolean;
}

/** A branch or a tag can be moved between the verdict and the sync. Throws Fault target/moving where one is to be synced. */
export function holdToFixed(wanted: WantedTarget, { starter, refreshes }: SyncStarter): void {
  if (wanted.kind === "inline") return;
  const [moving] = wanted.moving;
  if (moving !== undefined) throw new Fault("target/moving", mayMove(moving, starter));
  if (refreshes) throw new Fault("target/moving", REFRESHES);
}

const REFRESHES =
  "a retry of the sync would take the newest revision, which is not checked; set retry.refresh to false in the operation and in the Application's spec.syncPolicy";

const TAG = "; it is a tag of a registry: name the artifact by an oci:// address and its digest";

function mayMove({ revision, isNamed, isTag }: MovingRevision, starter: string): string {
  const name = revision === "" ? "the newest revision" : `"${printable(revision, 80)}"`;
  const way = isTag ? TAG : "";
  return isNamed
    ? `${name}, which ${starter} names as the revision, may move before it is applied${way}`
    : `${starter} names no revision, so Argo CD uses ${name} as it is when the sync starts${way}`;
}
