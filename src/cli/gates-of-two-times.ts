import type { Admit } from "../audit/index.ts";
import type { ComposedGate } from "../composition/index.ts";
import type { Credential, PullAccess } from "../core/index.ts";
import { offlineGate, type RegistryOptions } from "./offline-gate.ts";

/** By what is judged. */
export interface TwoTimesOptions extends RegistryOptions {
  readonly policy: string;
  readonly waivers?: string;
  readonly revocations?: string;
  /** `NAME=FILE`. */
  readonly trustRoot: readonly string[];
  /** How far ahead is looked, ms. */
  readonly within: number;
  /** Seconds for each question. */
  readonly timeout: number;
}

/** The same gate now, and as of the horizon. */
export interface GatesOfTwoTimes {
  readonly admit: Admit;
  readonly admitLater: Admit;
  readonly composed: ComposedGate;
  readonly close: () => Promise<void>;
}

/** Asks as the webhook does in a namespace that enforces. Throws UsageError on a bad set-up. */
export function openGates(
  options: TwoTimesOptions,
  credentials?: (registry: string, access: PullAccess) => Promise<readonly Credential[]>,
): GatesOfTwoTimes {
  const open = (aheadMs: number): ComposedGate => {
    const { policy, waivers, revocations, registries, dockerConfig, trustRoot } = options;
    return offlineGate({
      policy,
      trustRoot,
      ...(waivers !== undefined && { waivers }),
      ...(revocations !== undefined && { revocations }),
      ...(registries !== undefined && { registries }),
      ...(dockerConfig !== undefined && { dockerConfig }),
      ...(credentials !== undefined && { credentials }),
      now: () => new Date(Date.now() + aheadMs),
      isPatient: true,
    });
  };
  const [now, later] = [open(0), open(options.within)];
  const asking =
    ({ gate }: ComposedGate): Admit =>
    (namespace, subjects, access) =>
      gate.admit({
        namespace,
        mode: () => "enforce",
        subjects,
        access,
        signal: AbortSignal.timeout(options.timeout * 1000),
      });
  return {
    admit: asking(now),
    admitLater: asking(later),
    composed: now,
    close: async () => {
      await Promise.all([now.close(), later.close()]);
    },
  };
}
