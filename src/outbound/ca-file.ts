import { X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

/** Where authorities are, and who is notified of a new text that cannot be used. */
export interface CaFileOptions {
  readonly file: string;
  /** Called once for each new text that cannot be used; the one before stays. */
  readonly onProblem: (message: string) => void;
}

/**
 * The certificates in a PEM file, each as PEM, read again when the file has changed since the last call. Throws where the
 * first text cannot be used.
 */
export function followCaFile({ file, onProblem }: CaFileOptions): () => readonly string[] {
  let state = { stamp: stampOf(file), certificates: readCertificates(file) };
  return () => {
    const stamp = stampOf(file);
    if (stamp === state.stamp) return state.certificates;
    try {
      state = { stamp, certificates: readCertificates(file) };
    } catch (error) {
      state = { ...state, stamp };
      onProblem(error instanceof Error ? error.message : `${file} cannot be read`);
    }
    return state.certificates;
  };
}

/** What is not a certificate must not be passed over: an authority would be missing that someone counts on. */
function readCertificates(file: string): readonly string[] {
  const text = readFileSync(file, "utf8");
  const certificates = text.match(CERTIFICATE) ?? [];
  if (certificates.length === 0 || certificates.length !== text.split("-----BEGIN ").length - 1)
    throw new Error(`${file}: expected certificates in PEM, and nothing else`);
  if (!certificates.every(isReadable)) throw new Error(`${file}: a certificate in it cannot be read`);
  return certificates;
}

function isReadable(certificate: string): boolean {
  try {
    return new X509Certificate(certificate).raw.length > 0;
  } catch {
    return false;
  }
}

/** Changes with the file: the kubelet swaps what a mounted file leads to. */
function stampOf(file: string): string {
  const { ino, mtimeMs, size } = statSync(file, { throwIfNoEntry: false }) ?? {};
  return `${ino} ${mtimeMs} ${size}`;
}
