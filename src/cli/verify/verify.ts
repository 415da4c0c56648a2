import {
  eachAtMost,
  type Mode,
  type Objection,
  type Verdict,
  EXIT,
  type ExitCode,
  UsageError,
} from "../../core/index.ts";
import type { Gate } from "../../gate/index.ts";
import { sayNotLookedAt } from "../not-looked-at.ts";
import { offlineGate, type RegistryOptions } from "../offline-gate.ts";
import { podSpecPaths } from "../pod-spec-option.ts";
import { type NotLookedAt, type Target, targetsUnder } from "../targets.ts";
import { print, say } from "../terminal.ts";
import { sarifReport } from "./sarif.ts";
import { jsonReport, textReport } from "./verify-report.ts";

const AT_ONCE = 8;

export interface VerifyOptions extends RegistryOptions {
  readonly filename: readonly string[];
  /** `GROUP/KIND=PATH` of custom kinds. */
  readonly podSpec: readonly string[];
  readonly policy: string;
  readonly waivers?: string;
  /** `NAME=FILE`. */
  readonly trustRoot?: readonly string[];
  readonly namespace: string;
  readonly mode: Extract<Mode, "enforce" | "advisory">;
  readonly at?: Date;
  readonly timeout: number;
  readonly output: "text" | "json" | "sarif";
}

export interface Verified {
  readonly target: Target;
  readonly verdict: Verdict;
}

export interface Answer {
  readonly verified: readonly Verified[];
  readonly notLookedAt: readonly NotLookedAt[];
}

const REPORTS = { text: textReport, json: jsonReport, sarif: sarifReport };

/** `mc verify`: judges images and manifests with the webhook's own gate. */
export async function verify(images: readonly string[], options: VerifyOptions): Promise<ExitCode> {
  const found = targetsUnder(options.filename, podSpecPaths(options.podSpec));
  const targets = [...images.map((image) => ({ image, place: "argument" })), ...found.targets];
  sayNotLookedAt(found.notLookedAt);
  if (targets.length === 0)
    throw new UsageError("nothing to verify: name images, or manifests with images by -f");
  const { at } = options;
  const composed = offlineGate({ ...options, now: at === undefined ? () => new Date() : () => at });
  try {
    const verified = await verifyAll(targets, composed.gate, options);
    if (at !== undefined) say(`Judged as of ${at.toISOString()}, not as of now.`);
    print(REPORTS[options.output]({ verified, notLookedAt: found.notLookedAt }));
    return exitCode(verified);
  } finally {
    await composed.close();
  }
}

/** 10 where anything is refused, else 11 where anything could not be known, else 0; advisory refuses nothing. */
function exitCode(verified: readonly Verified[]): ExitCode {
  const refused = verified.filter(({ verdict }) => verdict.decision === "deny");
  const kinds = refused.flatMap(({ verdict }) => verdict.objections.map(({ kind }: Objection) => kind));
  if (kinds.includes("finding")) return EXIT.refused;
  return refused.length > 0 ? EXIT.unknown : EXIT.allowed;
}

async function verifyAll(
  targets: readonly Target[],
  gate: Gate,
  options: VerifyOptions,
): Promise<Verified[]> {
  const verified: Verified[] = [];
  let done = 0;
  await eachAtMost(AT_ONCE, targets, async (target, at) => {
    verified[at] = { target, verdict: await verdictOn(target, gate, options) };
    done += 1;
    if (process.stderr.isTTY && targets.length > 1) say(`${done}/${targets.length} ${target.image}`);
  });
  return verified;
}

function verdictOn(
  { image, place, advice, namespace = "" }: Target,
  gate: Gate,
  { namespace: fallback, mode, timeout }: VerifyOptions,
): Promise<Verdict> {
  const signal = AbortSignal.timeout(timeout * 1000);
  return gate.admit({
    namespace: namespace || fallback,
    mode: () => mode,
    subjects: [{ image, place, ...(advice !== undefined && { advice }) }],
    access: {},
    signal,
  });
}
