import { type ExitCode, UsageError } from "../../core/index.ts";
import { MAX_SWITCH_MS } from "../../enforcement/index.ts";
import { type Following, type SwitchCluster, switchOff } from "../../incident/index.ts";
import { say } from "../terminal.ts";
import { concluded, type EnforceOptions, refused, withGate } from "./gate.ts";

export interface OffOptions extends EnforceOptions {
  /** Milliseconds. */
  readonly for: number;
  readonly reason: string;
  readonly ticket: string;
  readonly namespace?: string;
  readonly rule?: string;
  readonly failOpen: boolean;
  readonly dryRun: boolean;
}

/** `mc enforce off`: writes the switch, and waits until every replica answers with it. */
export async function enforceOff(options: OffOptions): Promise<ExitCode> {
  const { namespace, rule, reason, ticket, dryRun: isDryRun } = options;
  if (namespace !== undefined && rule !== undefined)
    throw new UsageError("give either --namespace or --rule");
  if (options.for > MAX_SWITCH_MS)
    throw new UsageError("--for is at most 24h; renew it once it is confirmed");
  const now = new Date();
  const until = new Date(now.getTime() + options.for);
  return withGate(options, async (cluster) => {
    const scope = { ...(namespace !== undefined && { namespace }), ...(rule !== undefined && { rule }) };
    const done = await switchOff({ ...scope, reason, ticket, until }, { cluster, now, isDryRun });
    if (!done.ok) return refused(done.problems);
    const onSilence = (following: Following): Promise<void> => ladder(cluster, options, { following, until });
    return concluded(done.value, cluster, { ...options, onSilence });
  });
}

/** The step below: without a replica only the API server itself can let workloads in. */
async function ladder(
  cluster: SwitchCluster,
  { failOpen, reason, ticket }: OffOptions,
  { following, until }: { readonly following: Following; readonly until: Date },
): Promise<void> {
  if (following.isOneReady) {
    say("No replica could be asked from here, but one is ready; failurePolicy stays as it is.");
    return;
  }
  say("No replica answers, so that the API server refuses what it cannot ask about.");
  if (!failOpen) {
    say(
      "Run the same with --fail-open, which sets failurePolicy: Ignore on the webhook: then everything is admitted that no replica answers, revoked images too, until mc enforce on or a replica that starts puts it back.",
    );
    return;
  }
  await cluster.setFailOpen({ by: await cluster.user(), reason, ticket, until }, { isDryRun: false });
  say(
    "failurePolicy is Ignore now. mc enforce on puts it back, and so does the first replica that is ready.",
  );
}
