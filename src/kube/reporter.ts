import { asKubeError, type KubeError } from "./client/kube-error.ts";

/** Hands any error on as a KubeError, and never throws: a report that fails has no one left to be reported to. */
export function reporter(doing: string, onTrouble: (error: KubeError) => void): (error: unknown) => void {
  return (error) => {
    try {
      onTrouble(asKubeError(doing, error));
    } catch {
      // No one is left to tell.
    }
  };
}
