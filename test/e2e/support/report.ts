import type { Reporter, TestCase, TestModule } from "vitest/node";

import { STAND_INS, TIERS, skipReason, tierOf, type Tier } from "./tiers.ts";

/** Why a scenario was skipped: its own note, or the reason for which its whole tier was. */
export function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === "skipped" ? result.note : undefined;
  return note ?? skipReason(tierOf(test.module.moduleId)) ?? "no reason given";
}

function lineOf(tier: Tier, test: TestCase): string {
  const { state } = test.result();
  const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(1);
  const detail = state === "skipped" ? reasonOf(test) : `${seconds} s`;
  return `${tier.padEnd(6)} ${state.padEnd(8)} ${test.fullName} (${detail})`;
}

/** Lists every scenario with its tier and its result once all are done. */
export class ScenarioReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    process.stdout.write("\nScenarios\n");
    for (const tier of TIERS) {
      const own = modules.filter((each) => tierOf(each.moduleId) === tier);
      if (own.length > 0 && STAND_INS[tier]) process.stdout.write(`${tier}: ${STAND_INS[tier]}\n`);
      for (const module of own) {
        for (const test of module.children.allTests()) process.stdout.write(`${lineOf(tier, test)}\n`);
      }
    }
    process.stdout.write("\n");
  }
}
