import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import {
  parsePolicy,
  type PolicyChange,
  type PolicyEdit,
  policyEdit,
  type SignerChange,
} from "../../policy/index.ts";
import { jsonAnswer } from "../json-answer.ts";
import { accepted, problemLine } from "../problems.ts";
import { colour, print, readText, say } from "../terminal.ts";

/** What `mc policy diff` takes. */
export interface DiffOptions {
  readonly output: "text" | "json";
}

/** `mc policy diff`: what an edit of a policy means, by the rules of the guard. */
export function policyDiff(before: string, after: string, { output }: DiffOptions): ExitCode {
  if (before === "-" && after === "-") throw new UsageError("only one of the two can be standard input");
  const edit = editOf(before, after);
  const changes = edit.changes.map(({ text, ...change }) => ({
    ...change,
    file: text === "old" ? before : after,
  }));
  const verdict = verdictOn(edit);
  if (output === "json") print(jsonAnswer({ verdict, changes, signers: edit.signers }));
  else {
    for (const change of changes) print(`${labelOf(change)}  ${problemLine(change)}`);
    for (const change of edit.signers) print(`signers   ${signerText(change)}`);
    say(WORDS[verdict]);
  }
  return verdict === "weaker" || verdict === "other" ? EXIT.refused : EXIT.allowed;
}

type EditVerdict = "same" | "equal" | "stricter" | "other" | "weaker";

const WORDS: Readonly<Record<EditVerdict, string>> = {
  same: "Both say the same.",
  equal: "They differ, and neither is weaker.",
  stricter: "The new policy is stricter.",
  other:
    "The new policy is not plainly as strict: it asks something else. The guard asks for the right to weaken policies.",
  weaker: "The new policy is weaker. The guard asks for the right to weaken policies.",
};

function verdictOn({ isSame, changes }: PolicyEdit): EditVerdict {
  if (isSame) return "same";
  return (
    (["weaker", "other", "stricter"] as const).find((kind) => changes.some((each) => each.kind === kind)) ??
    "equal"
  );
}

function editOf(before: string, after: string): PolicyEdit {
  const [old, now] = [textOf(before), textOf(after)] as const;
  const edit = policyEdit(old, now);
  if (!edit.ok) throw new UsageError(edit.problems.map(({ message }) => message).join("\n"));
  return edit.value;
}

/** A policy's text, read with its schema. */
function textOf(file: string): string {
  const text = readText(file);
  accepted(file, parsePolicy(text));
  return text;
}

function labelOf({ kind }: Pick<PolicyChange, "kind">): string {
  const tints = { weaker: "red", other: "yellow", stricter: "green" } as const;
  return colour(tints[kind], kind.padEnd("stricter".length));
}

function signerText({ change, authority, rule, gate }: SignerChange): string {
  if (rule !== undefined)
    return `rule ${rule} ${change === "added" ? "also accepts" : "no longer accepts"} ${authority} for ${gate}`;
  const words = { added: "is new", removed: "is gone", changed: "means another signer" };
  return `authority ${authority} ${words[change]}`;
}
