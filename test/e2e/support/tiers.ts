/** `fast`: an API server without nodes. `argocd`: that, and an Argo CD. `node`: a whole cluster. */
export type Tier = "fast" | "argocd" | "node";

/** Every tier, in the order of running. */
export const TIERS: readonly Tier[] = ["fast", "argocd", "node"];

const SKIP_VARIABLES: Readonly<Record<Tier, string>> = {
  fast: "MC_E2E_SKIP_FAST",
  argocd: "MC_E2E_SKIP_ARGOCD",
  node: "MC_E2E_SKIP_NODE",
};

/** Notes for the test files' processes why this tier cannot run here. */
export function skipTier(tier: Tier, reason: string): void {
  process.env[SKIP_VARIABLES[tier]] = reason;
}

/** Why a tier cannot run here, or undefined where it can. */
export function skipReason(tier: Tier): string | undefined {
  return process.env[SKIP_VARIABLES[tier]] || undefined;
}

/** The tier of a test file, by its folder. */
export function tierOf(file: string): Tier {
  return TIERS.find((tier) => file.includes(`/e2e/${tier}/`)) ?? "fast";
}

/** What a scenario's result says nothing about, because this tier has something else in its place. */
export const STAND_INS: Readonly<Partial<Record<Tier, string>>> = {
  argocd:
    "pods run as processes of this machine, with real tokens: support/argocd-kubelet.ts stands in for the kubelet",
};
