import { offlineGate } from "../offline-gate.ts";
import { readWaivers } from "./documents.ts";

/** The policy that waivers are checked against. */
export interface PolicyOptions {
  readonly policy: string;
  readonly revocations?: string;
  /** The clock. */
  readonly at: Date;
  /** Seconds for all of them. */
  readonly timeout: number;
}

/** Why waivers of a file do not count by a policy, by id. Throws UsageError on a bad set-up. */
export async function ignoredWaivers(
  file: string,
  { policy, revocations, at, timeout }: PolicyOptions,
): Promise<ReadonlyMap<string, string>> {
  const { waivers } = readWaivers(file);
  const gate = offlineGate({ policy, now: () => at, ...(revocations !== undefined && { revocations }) });
  const signal = AbortSignal.timeout(timeout * 1000);
  try {
    const reasons = await Promise.all(
      waivers.map(async (waiver) => ({ id: waiver.id, why: await gate.approvalProblem(waiver, signal) })),
    );
    return new Map(reasons.flatMap(({ id, why }) => (why === undefined ? [] : [[id, why] as const])));
  } finally {
    await gate.close();
  }
}
