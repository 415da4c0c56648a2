import { readFileSync, watchFile, unwatchFile } from "node:fs";

const POLL_MS = 250;

/** What a file source tells. */
export interface FileDocumentOptions {
  readonly path: string;
  readonly onText: (text: string) => void;
  readonly onProblem: (message: string) => void;
}

/** Follows a document in a file: read at once, and again when it changes. Returns what ends it. */
export function followFile({ path, onText, onProblem }: FileDocumentOptions): () => void {
  const read = (): void => {
    try {
      onText(readFileSync(path, "utf8"));
    } catch (error) {
      onProblem(error instanceof Error ? error.message : `cannot read ${path}`);
    }
  };
  read();
  watchFile(path, { interval: POLL_MS, persistent: false }, read);
  return () => unwatchFile(path, read);
}
