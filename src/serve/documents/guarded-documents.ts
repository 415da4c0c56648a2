import {
  type ComposedGate,
  DOCUMENT_NAMES,
  DOCUMENTS,
  type DocumentKind,
  type DocumentName,
} from "../../composition/index.ts";
import type { GuardedDocument } from "../../guard/index.ts";
import { READ_TASKS } from "../reader/read-tasks.ts";
import type { LargeReader } from "../reader/reader.ts";
import type { Settings } from "../settings/settings.ts";
import { SMALL_DOCUMENT } from "./large-documents.ts";

/** What edits of documents are checked against. */
export interface DocumentsInForce {
  /** Policy, waivers and revocations, as they are at this moment. */
  readonly composed: Readonly<Record<DocumentName, Pick<ComposedGate[DocumentName], "text">>>;
  /** The text of the settings that this process was started with. */
  readonly settingsText: string;
  readonly now: () => Date;
  /** Reads what is large in another thread. */
  readonly reader: Pick<LargeReader, "run">;
}

/** The documents that the guard webhook holds edits to: each edit is compared with the text in force. */
export function guardedDocuments(
  cluster: NonNullable<Settings["cluster"]>,
  { composed, settingsText, now, reader }: DocumentsInForce,
): GuardedDocument[] {
  const { namespace } = cluster;
  const documents = DOCUMENT_NAMES.map((name): GuardedDocument => {
    const { resource, entries, absent, forbidden }: DocumentKind = DOCUMENTS[name];
    const inForce = (): string | undefined => composed[name].text();
    return {
      namespace,
      ...cluster[name],
      isMovable: name !== "enforcement",
      resource,
      inForce,
      ...checksOf(name, reader),
      unreadable: "refused",
      ...(name === "enforcement" && { absent }),
      ...(forbidden && { forbidden: forbiddenIn(name, { now, reader }) }),
      ownApprovals(text, user) {
        if (entries === undefined) return [];
        const change = { before: inForce(), after: text, key: entries };
        return isSmall(change.before, text)
          ? READ_TASKS.ownApprovals(change, user)
          : reader.run("ownApprovals", change, user);
      },
    };
  });
  const { settings } = cluster;
  const guardedSettings: GuardedDocument = {
    namespace,
    ...settings,
    isMovable: false,
    resource: "settings",
    inForce: () => settingsText,
    ...checksOf("settings", reader),
    unreadable: "weakens",
    ownApprovals: () => [],
  };
  return [...documents, guardedSettings];
}

/** Checks of one kind of document, of large texts in the other thread. */
function checksOf(
  name: DocumentName | "settings",
  reader: Pick<LargeReader, "run">,
): Pick<GuardedDocument, "lint" | "weakenings"> {
  return {
    lint: (text) => (isSmall(text) ? READ_TASKS.lint(name, text) : reader.run("lint", name, text)),
    weakenings: (before, after) =>
      isSmall(before, after)
        ? READ_TASKS.weakenings(name, before, after)
        : reader.run("weakenings", name, before, after),
  };
}

function forbiddenIn(
  name: DocumentName,
  { now, reader }: Pick<DocumentsInForce, "now" | "reader">,
): NonNullable<GuardedDocument["forbidden"]> {
  return (befores, after, user) => {
    const [edit, editor] = [
      { befores, after },
      { user, now: now() },
    ];
    return isSmall(...befores, after)
      ? READ_TASKS.forbidden(name, edit, editor)
      : reader.run("forbidden", name, edit, editor);
  };
}

function isSmall(...texts: readonly (string | undefined)[]): boolean {
  return texts.every((text = "") => text.length <= SMALL_DOCUMENT);
}
