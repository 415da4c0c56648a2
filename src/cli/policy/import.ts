import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  type Effect,
  EFFECTS,
  type Imported,
  importPolicy,
  type Incompatibility,
} from "../../policy-import/index.ts";
import { checkTrustedRoot } from "../../trust/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted, problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";

export interface ImportOptions {
  /** `NAME=FILE` of trusted_root.json files. */
  readonly trustRoot: readonly string[];
  readonly acceptLossUnsafe: boolean;
  readonly output: "text" | "json";
}

/** `mc policy import`: our policy on stdout, what could not be carried over on stderr, or both as JSON. */
export function policyImport(file: string, options: ImportOptions): ExitCode {
  const { acceptLossUnsafe: acceptLoss, output } = options;
  const trustRoots = new Map(options.trustRoot.map(trustRootIn));
  const imported = accepted(file, importPolicy(readText(file), { trustRoots, acceptLoss }));
  const { policy, losses, impassable } = imported;
  if (output === "json") print(jsonAnswer({ policy, losses, impassable }));
  else print(policy.trimEnd());
  if (output === "text") sayLosses(file, imported);
  const isWeaker = !acceptLoss && losses.some(({ effect }) => effect === "weaker");
  return isWeaker || impassable.length > 0 ? EXIT.refused : EXIT.allowed;
}

function trustRootIn(text: string): [name: string, trustedRoot: string] {
  const [, name, file] = /^([A-Za-z0-9.-]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || file === undefined) throw new UsageError(`--trust-root ${text} is not NAME=FILE`);
  const trustedRoot = readText(file);
  const problems = checkTrustedRoot(trustedRoot);
  if (problems.length > 0) throw new UsageError(`${file} cannot be used: ${problems.join("; ")}`);
  return [name, trustedRoot];
}

function sayLosses(file: string, { losses, impassable }: Imported): void {
  for (const { effect, why, ...place } of losses)
    say(problemLine({ file, ...place, rule: effect, message: `${why}.` }));
  const effects = (Object.keys(EFFECTS) as Effect[]).filter((effect) => countOf(losses, effect) > 0);
  for (const effect of effects) say(`${countOf(losses, effect)} ${effect}: ${EFFECTS[effect]}.`);
  if (impassable.length > 0)
    say(`No image can pass ${impassable.join(", ")}: their signers could not be converted.`);
  if (losses.length === 0) say("Everything was converted.");
}

function countOf(losses: readonly Incompatibility[], effect: Effect): number {
  return losses.filter((loss) => loss.effect === effect).length;
}
