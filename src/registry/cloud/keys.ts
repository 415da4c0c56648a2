import { createBoundedMap, type DockerAuth, Fault } from "../../core/index.ts";
import { ADVICE } from "../advice.ts";
import { deadlineFault } from "../http/failures.ts";
import type { Exchange } from "../http/http.ts";
import type { CloudKind } from "../settings.ts";
import { acr } from "./acr.ts";
import { ecr } from "./ecr.ts";
import { gar } from "./gar.ts";
import type { CloudCredential, CloudProvider } from "./provider.ts";

/** Every cloud that can be switched on. */
export const PROVIDERS: Readonly<Record<CloudKind, CloudProvider>> = { ecr, acr, gar };

const MAX_REGISTRIES = 256;

/**
 * Credentials for a registry host from its cloud; none where it belongs to no cloud that is switched on. The registry
 * itself is asked by `exchange`, in the requester's share.
 */
export type CloudKeys = (
  registry: string,
  exchange: Exchange,
  signal: AbortSignal,
) => Promise<readonly DockerAuth[]>;

/**
 * Credentials of the clouds that are switched on, kept until shortly before they end. Rejects with Fault
 * `registry/forbidden` where the cloud gives none, and with retryable Faults as they are; the cloud's own words,
 * which may quote a token, are left out.
 */
export function createCloudKeys(kinds: readonly CloudKind[], now: () => Date): CloudKeys {
  const held = createBoundedMap<CloudCredential>(MAX_REGISTRIES);
  return async (registry, exchange, signal) => {
    const provider = kinds.map((kind) => PROVIDERS[kind]).find(({ hosts }) => hosts.test(registry));
    if (provider === undefined) return [];
    const known = held.get(registry);
    if (known !== undefined && known.until > now().getTime()) return [known.auth];
    try {
      const fresh = await provider.fetch({ registry, exchange, now: now(), signal });
      held.set(registry, fresh);
      return [fresh.auth];
    } catch (error) {
      if (signal.aborted) throw deadlineFault(registry);
      if (error instanceof Fault && error.retryable) throw error;
      const what = error instanceof Error ? error.name : "unknown failure";
      throw new Fault(
        "registry/forbidden",
        `${provider.name} gave no credentials for ${registry} (${what})`,
        {
          advice: ADVICE.cloud,
        },
      );
    }
  };
}
