import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { dirname } from "node:path";

import { followFolder } from "./follow-folder.ts";

const PEM = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** The authorities that issue clients' certificates, as they are now. */
export interface ClientAuthorities {
  readonly current: () => AuthorityBundle;
  readonly onChange: (use: (bundle: AuthorityBundle) => void) => void;
  readonly close: () => void;
}

/** One state of the file. */
export interface AuthorityBundle {
  readonly pem: string;
  readonly certificates: readonly X509Certificate[];
}

/** Where the authorities are, and who is notified of a file that cannot be used. */
export interface ClientAuthoritiesOptions {
  /** PEM of one or more certificates of authorities. */
  readonly file: string;
  /** Called where a new text cannot be used; the one before stays. */
  readonly onProblem: (message: string) => void;
}

/** Authorities from a file, read again when it changes. Throws where the first text cannot be used. */
export function clientAuthorities({ file, onProblem }: ClientAuthoritiesOptions): ClientAuthorities {
  let bundle = readBundle(file);
  const users: ((bundle: AuthorityBundle) => void)[] = [];

  function reload(): void {
    try {
      const next = readBundle(file);
      if (next.pem === bundle.pem) return;
      bundle = next;
      for (const use of users) use(next);
    } catch (error) {
      onProblem(error instanceof Error ? error.message : "the authorities cannot be read");
    }
  }

  const close = followFolder(dirname(file), reload);
  return { current: () => bundle, onChange: (use) => users.push(use), close };
}

/** Every certificate of the text must be an authority's: one that is passed over would be an authority that is missing. */
function readBundle(file: string): AuthorityBundle {
  const pem = readFileSync(file, "utf8");
  const texts = pem.match(PEM) ?? [];
  if (texts.length === 0 || texts.length !== pem.split("-----BEGIN ").length - 1)
    throw new Error(`${file}: expected certificates in PEM, and nothing else`);
  const certificates = texts.map((text) => new X509Certificate(text));
  if (certificates.some(({ ca }) => !ca))
    throw new Error(`${file}: a certificate in it is not an authority's`);
  return { pem: `${texts.join("\n")}\n`, certificates };
}
