import { readFileSync } from "node:fs";
import { join } from "node:path";

import { type CertificatePair, type CertificateSource, pairProblem } from "./certificate-pair.ts";
import { followFolder } from "./follow-folder.ts";

/** What a directory source reports. */
export interface CertificateDirectoryOptions {
  readonly directory: string;
  /** Called where a new pair cannot be used; the one before stays. */
  readonly onProblem: (message: string) => void;
}

/** `tls.crt` and `tls.key` of a directory, read again when it changes. Throws where the first pair cannot be used. */
export function certificateDirectory({
  directory,
  onProblem,
}: CertificateDirectoryOptions): CertificateSource {
  let pair = readPair(directory);
  const users: ((pair: CertificatePair) => void)[] = [];
  let isRefused = false;

  function reload(): void {
    try {
      const next = readPair(directory);
      isRefused = false;
      if (next.cert === pair.cert && next.key === pair.key) return;
      pair = next;
      for (const use of users) use(next);
    } catch (error) {
      isRefused = true;
      onProblem(error instanceof Error ? error.message : "the certificate cannot be read");
    }
  }

  const close = followFolder(directory, reload);
  return {
    current: () => pair,
    onChange: (use) => users.push(use),
    close,
    isRefused: () => isRefused,
  };
}

function readPair(directory: string): CertificatePair {
  const pair = {
    cert: readFileSync(join(directory, "tls.crt"), "utf8"),
    key: readFileSync(join(directory, "tls.key"), "utf8"),
  };
  const problem = pairProblem(pair);
  if (problem !== undefined) throw new Error(`${directory}: ${problem}`);
  return pair;
}
