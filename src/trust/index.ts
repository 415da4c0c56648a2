export { checkTrustedRoot } from "./check-trusted-root.ts";
export { createTrust } from "./create-trust.ts";
export type { Needs, RootSource, Trust, TrustDeps } from "./ports.ts";
export { type PublicGood, publicGoodRoot, publicGoodSeed, type RefreshOptions } from "./public-good.ts";
