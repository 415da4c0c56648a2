import type { GuardedDocument } from "../../admission/index.ts";
import { ownApprovals } from "../../documents/index.ts";
import type { ComposedGate } from "../compose.ts";
import { DOCUMENT_NAMES, DOCUMENTS, type DocumentKind } from "../document-table.ts";
import type { Settings } from "./settings.ts";

/** The documents that the guard webhook holds edits to: each edit is compared with the text in force. */
export function guardedDocuments(
  settings: NonNullable<Settings["cluster"]>,
  composed: ComposedGate,
): GuardedDocument[] {
  const { namespace } = settings;
  return DOCUMENT_NAMES.map((name) => {
    const { resource, entries, lint, weakenings }: DocumentKind = DOCUMENTS[name];
    const before = (): string | undefined => composed[name].text();
    return {
      namespace,
      ...settings[name],
      resource,
      lint,
      weakenings: (text) => {
        const old = before();
        return old === undefined ? [] : weakenings(old, text);
      },
      ownApprovals: (text, user) =>
        entries === undefined ? [] : ownApprovals({ before: before(), after: text, key: entries }, user),
    };
  });
}
