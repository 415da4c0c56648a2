import { getCACertificates, setDefaultCACertificates } from "node:tls";

import { type CaFileOptions, followCaFile } from "./ca-file.ts";

const POLL_MS = 10_000;

/** Authorities that each connection of this process trusts, in addition to those that Node does. */
export interface TrustedAuthorities {
  /** Reads the file again where it has changed. */
  readonly refresh: () => void;
  readonly close: () => void;
}

/**
 * Trusts the authorities of a file for each connection that has none of its own, whichever library makes it; new
 * connections follow the file. Throws where the first text cannot be used.
 */
export function trustAuthorities(options: CaFileOptions): TrustedAuthorities {
  const usual = getCACertificates("default");
  const certificates = followCaFile(options);
  let trusted: readonly string[] | undefined;
  const refresh = (): void => {
    const now = certificates();
    if (now === trusted) return;
    trusted = now;
    setDefaultCACertificates([...usual, ...now]);
  };
  refresh();
  const timer = setInterval(refresh, POLL_MS).unref();
  return {
    refresh,
    close: () => {
      clearInterval(timer);
      setDefaultCACertificates(usual);
    },
  };
}
