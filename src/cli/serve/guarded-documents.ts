import type { GuardedDocument } from "../../admission/index.ts";
import { ownApprovals, readDocument } from "../../documents/index.ts";
import type { ComposedGate } from "../compose.ts";
import { DOCUMENT_NAMES, DOCUMENTS, type DocumentKind, type DocumentName } from "../document-table.ts";
import { settingsWeakenings } from "./settings-weakenings.ts";
import { Settings } from "./settings.ts";

/** What edits of documents are held to. */
export interface DocumentsInForce {
  /** Policy, waivers and revocations, as they are at this moment. */
  readonly composed: Readonly<Record<DocumentName, Pick<ComposedGate[DocumentName], "text">>>;
  /** The text of the settings that this process was started with. */
  readonly settingsText: string;
}

/** The documents that the guard webhook holds edits to: each edit is compared with the text in force. */
export function guardedDocuments(
  cluster: NonNullable<Settings["cluster"]>,
  { composed, settingsText }: DocumentsInForce,
): GuardedDocument[] {
  const { namespace } = cluster;
  const documents = DOCUMENT_NAMES.map((name): GuardedDocument => {
    const { resource, entries, lint, weakenings }: DocumentKind = DOCUMENTS[name];
    const inForce = (): string | undefined => composed[name].text();
    return {
      namespace,
      ...cluster[name],
      resource,
      inForce,
      lint,
      unreadable: "refused",
      weakenings,
      ownApprovals: (text, user) =>
        entries === undefined ? [] : ownApprovals({ before: inForce(), after: text, key: entries }, user),
    };
  });
  return [...documents, guardedSettings(cluster, settingsText)];
}

function guardedSettings(
  { namespace, settings }: NonNullable<Settings["cluster"]>,
  text: string,
): GuardedDocument {
  return {
    namespace,
    ...settings,
    resource: "settings",
    inForce: () => text,
    lint: (edited) => {
      const read = readDocument(edited, Settings);
      return read.ok ? [] : read.problems;
    },
    unreadable: "weakens",
    weakenings: settingsWeakenings,
    ownApprovals: () => [],
  };
}
