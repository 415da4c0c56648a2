import { AVAILABILITY } from "./availability.ts";
import { CACHE } from "./cache.ts";
import { CRYPTOGRAPHY } from "./cryptography.ts";
import type { Mutants } from "./mutant.ts";
import { OBJECTS } from "./objects.ts";
import { POLICY } from "./policy.ts";
import { POWERS, RECENT } from "./powers.ts";
import { REFERENCES } from "./references.ts";
import { WAIVERS } from "./waivers.ts";

export type { Mutant } from "./mutant.ts";

/** Every mutant, by number. */
export const MUTANTS: Mutants = {
  ...OBJECTS,
  ...REFERENCES,
  ...CRYPTOGRAPHY,
  ...POLICY,
  ...WAIVERS,
  ...CACHE,
  ...AVAILABILITY,
  ...POWERS,
  ...RECENT,
};
