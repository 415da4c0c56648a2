import { type CertificatePair, type CertificateSource, pairProblem } from "./certificate-pair.ts";

/** A certificate source that is given its pair. */
export interface CertificateHolder extends CertificateSource {
  /** Serves with a new pair from now on. Throws where it cannot be used; the one before stays. */
  readonly offer: (pair: CertificatePair) => void;
}

/** Holds the pair that someone else keeps, such as the keeper of a Secret. Empty until the first offer. */
export function certificateHolder(): CertificateHolder {
  let pair: CertificatePair | undefined;
  const users: ((pair: CertificatePair) => void)[] = [];
  return {
    current: () => {
      if (pair === undefined) throw new Error("no certificate has been issued yet");
      return pair;
    },
    offer: (next) => {
      const problem = pairProblem(next);
      if (problem !== undefined) throw new Error(problem);
      pair = next;
      for (const use of users) use(next);
    },
    onChange: (use) => users.push(use),
    close: () => undefined,
  };
}
