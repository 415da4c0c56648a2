import { inject } from "vitest";

import { type ArgoCd, type ArgoCdAccess, connectArgoCd } from "./argocd.ts";
import { skipReason } from "./tiers.ts";

declare module "vitest" {
  // Declaration merging is how vitest learns the type of what the set-up provides.
  interface ProvidedContext {
    readonly argocd: ArgoCdAccess;
  }
}

/** The tier's Argo CD. */
export function argoCd(): ArgoCd {
  return connectArgoCd(inject("argocd"));
}

/** Why scenarios with Argo CD cannot run here, for `describe.skipIf`; the report prints it. */
export const argoCdObstacle = skipReason("argocd");
