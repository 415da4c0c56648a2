import type { OwnResources, PullAccess } from "../../core/index.ts";
import type { GateLimits } from "../ports.ts";
import type { ByteBudget } from "./byte-budget.ts";
import type { Patience } from "./patience.ts";

const ROOM = "room for what it reads (evidence.attachmentsMib)";

/** For whom a registry is read, and by which clock. */
export interface ResourcesOptions {
  readonly access: PullAccess;
  readonly room: ByteBudget;
  /** Paused while the gate itself is waited for. */
  readonly patience: Patience;
  readonly limits: Pick<GateLimits, "collectMs">;
}

/** Reads a registry with what that may take of the gate, and gives it back at the end. */
export function withOwnResources<T>(
  { access, room, patience, limits: { collectMs } }: ResourcesOptions,
  read: (own: Required<OwnResources>) => Promise<T>,
): Promise<T> {
  const namespace = access.namespace ?? "";
  return room.during((take) =>
    read({
      reserveBytes: (bytes) =>
        patience.during(ROOM, () => take(bytes, { namespace, signal: AbortSignal.timeout(collectMs) })),
      ownWork: (what, work) => patience.during(what, work),
      registryWork: (request) => patience.asking(request),
    }),
  );
}
