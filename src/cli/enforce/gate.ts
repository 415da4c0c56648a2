import { setTimeout as sleep } from "node:timers/promises";

import { digestOf, EXIT, type ExitCode, formatDuration, type Problem } from "../../core/index.ts";
import { EMPTY_ENFORCEMENT, scopeOf, type Switch } from "../../enforcement/index.ts";
import {
  type Following,
  followReplicas,
  problemText,
  type SwitchCluster,
  type SwitchEdit,
  SwitchRefused,
} from "../../incident/index.ts";
import { openSwitchGate } from "../../serve/index.ts";
import { print, readText, say } from "../terminal.ts";

/** What every `mc enforce` command takes. */
export interface EnforceOptions {
  readonly gateNamespace?: string;
  readonly service: string;
  readonly webhookConfiguration?: string;
  readonly configMap?: string;
  readonly kubeconfig?: string;
  readonly tokenFile?: string;
  readonly serviceAccount?: string;
  /** Seconds. */
  readonly wait: number;
  readonly output: "text" | "json";
}

/** Runs a task on the gate's cluster; what is not permitted exits 10. */
export async function withGate(
  options: EnforceOptions,
  task: (cluster: SwitchCluster) => Promise<ExitCode>,
): Promise<ExitCode> {
  const { service, tokenFile } = options;
  const gate = await openSwitchGate({
    kubeconfig: options.kubeconfig,
    namespace: options.gateNamespace,
    service,
    configuration: options.webhookConfiguration ?? service,
    configMap: options.configMap ?? `${service}-enforcement`,
    serviceAccount: options.serviceAccount ?? `${service}-on-call`,
    token: tokenFile === undefined ? undefined : () => readText(tokenFile).trim(),
  });
  try {
    return await task(gate.cluster);
  } catch (error) {
    if (!(error instanceof SwitchRefused)) throw error;
    say(`Refused, and nothing more is written: ${error.message}`);
    return EXIT.refused;
  } finally {
    await gate.close();
  }
}

/** What a switch is, for people. */
export function switchLine(entry: Switch): string {
  const { id, by, until, reason, ticket, confirmed } = entry;
  const second = confirmed === undefined ? "confirmed by no second person" : `confirmed by ${confirmed.by}`;
  return `${id}: ${scopeOf(entry)}, by ${by} until ${until.toISOString()} (${ticket}: ${reason}), ${second}`;
}

/** The same for programs. */
export function switchJson(entry: Switch): object {
  return { ...entry, scope: scopeOf(entry) };
}

/** Waits for the replicas, and says of each when it followed, or why not. */
export async function follow(
  cluster: SwitchCluster,
  text: string | undefined,
  { wait }: Pick<EnforceOptions, "wait">,
): Promise<Following> {
  const following = await followReplicas({
    cluster,
    digest: digestOf(text ?? EMPTY_ENFORCEMENT),
    limitMs: wait * 1000,
    elapsed: () => performance.now(),
    sleep: (ms) => sleep(ms),
    onProgress: (replicas) =>
      say(
        `${replicas.filter(({ follows }) => follows).length} of ${replicas.length} replicas answer with it.`,
      ),
  });
  for (const { name, follows, afterMs = 0, why } of following.replicas)
    say(follows ? `  ${name}: after ${Math.round(afterMs)} ms` : `  ${name}: not known to follow: ${why}`);
  return following;
}

/** What the waiting came to, in one sentence. */
export function followedSentence({ replicas, isComplete, isOneReady, tookMs }: Following): string {
  const took = tookMs < 1000 ? `${Math.round(tookMs)} ms` : formatDuration(tookMs);
  if (isComplete) return `All ${replicas.length} replicas answered with it after ${took}.`;
  if (replicas.length === 0) return `The Service has no replica, after ${took}.`;
  const ready = isOneReady
    ? " One at least is ready, as the API server knows it: perhaps pods cannot be reached from here."
    : "";
  return `After ${took} not every replica has answered with it.${ready}`;
}

/** Says what is wrong with the document, which is not written then. */
export function refused(problems: readonly Problem[]): ExitCode {
  for (const each of problems) say(problemText(each));
  say("Nothing is written.");
  return EXIT.refused;
}

/** The result, as JSON where that is asked for. */
export function tellResult(
  { output }: Pick<EnforceOptions, "output">,
  switches: readonly Switch[],
  following: Following | undefined,
): void {
  if (output === "text") for (const each of switches) print(switchLine(each));
  else print(JSON.stringify({ version: 1, switches: switches.map(switchJson), following }, undefined, 2));
}

/** Says what was written, and waits for the replicas where it was. */
export async function concluded(
  { text, switches }: SwitchEdit,
  cluster: SwitchCluster,
  options: EnforceOptions & {
    readonly dryRun: boolean;
    /** Called where not a single replica has answered. */
    readonly onSilence?: (following: Following) => Promise<void>;
  },
): Promise<ExitCode> {
  if (options.dryRun) {
    say("Dry run: the API server would accept this, and nothing is written.");
    tellResult(options, switches, undefined);
    return EXIT.allowed;
  }
  say("Written.");
  const following = options.wait === 0 ? undefined : await follow(cluster, text, options);
  tellResult(options, switches, following);
  if (following === undefined) {
    say("Not waited for: mc enforce status says which replicas follow.");
    return EXIT.unknown;
  }
  say(followedSentence(following));
  if (following.isComplete) return EXIT.allowed;
  if (!following.isAnswered) await options.onSilence?.(following);
  return EXIT.unknown;
}
