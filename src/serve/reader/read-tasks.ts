import { readReviewParts, readWorkload } from "../../admission/index.ts";
import { targetOf } from "../../argocd/index.ts";
import { DOCUMENTS, type DocumentKind, type DocumentName } from "../../composition/index.ts";
import { readJsonParts } from "../../core/index.ts";
import { ownApprovals } from "../../documents/index.ts";
import { type Editor, parseEnforcement } from "../../enforcement/index.ts";
import { policyContent } from "../../policy/index.ts";
import { readDocument } from "../../registry/index.ts";
import { revocationsContent } from "../../revocations/index.ts";
import { parseWaivers } from "../../waivers/index.ts";
import { settingsDocument } from "../settings/settings-weakenings.ts";

/** A document that edits are checked against. */
type GuardedName = DocumentName | "settings";

/** A new text of a document, and the texts before it. */
interface DocumentEdit {
  readonly befores: readonly string[];
  readonly after: string;
}

function kindOf(name: GuardedName): Pick<DocumentKind, "lint" | "weakenings" | "forbidden"> {
  return name === "settings" ? settingsDocument : DOCUMENTS[name];
}

/** What is read in its own thread where it is large. */
export const READ_TASKS = {
  readWorkload,
  readReviewParts,
  readJsonParts,
  targetOf,
  policyContent,
  parseWaivers,
  parseEnforcement,
  revocationsContent,
  ownApprovals,
  registryDocument: readDocument,
  lint: (name: GuardedName, text: string) => kindOf(name).lint(text),
  weakenings: (name: GuardedName, before: string | undefined, after: string) =>
    kindOf(name).weakenings(before, after),
  forbidden: (name: GuardedName, { befores, after }: DocumentEdit, editor: Editor) =>
    kindOf(name).forbidden?.(befores, after, editor) ?? [],
};
/** See READ_TASKS. */
export type ReadTasks = typeof READ_TASKS;
