import type { RegistryOrder } from "../../bench/registry.ts";
import type { Scenario } from "./scenario.ts";

const SECONDS = 15;

function registry(name: string, fault: string, order: RegistryOrder): Scenario {
  return {
    name: `registry-${name}`,
    fault,
    seconds: SECONDS,
    inject: ({ registry: { set } }) => set(order),
    heal: ({ registry: { set } }) => set({ fault: "none", delayMs: 0 }),
  };
}

/** Everything that a registry may do wrong. */
export const REGISTRY_SCENARIOS: readonly Scenario[] = [
  registry("down", "every answer is 503", { fault: "down" }),
  registry("silent", "requests are taken and never answered", { fault: "hang" }),
  registry("slow", "every answer takes 2 s longer", { delayMs: 2000 }),
  registry("busy", "every answer is 429 with Retry-After: 30", { fault: "busy" }),
  registry("lying", "other bytes than the digest says", { fault: "lie" }),
  registry("half", "half of each answer, then the end of the connection", { fault: "cut" }),
];
