import { styleText } from "node:util";

import type { AdmissionAnswer } from "../support/post-review.ts";
import { aPod, aReview } from "../support/review.ts";
import { type RunningGate, startGate } from "../support/running-gate.ts";
import { CASES, type DemoCase } from "./cases.ts";
import { type Fixtures, prepareFixtures } from "./fixtures.ts";
import { movedMetrics } from "./moved-metrics.ts";

function say(text = ""): void {
  process.stdout.write(`${text}\n`);
}

function colour(style: "green" | "red" | "yellow" | "bold" | "dim", text: string): string {
  return styleText(style, text, { stream: process.stdout });
}

async function run(
  gate: RunningGate,
  { registry, images }: Fixtures,
  each: DemoCase,
  number: number,
): Promise<boolean> {
  if (each.registryDown) await registry.close();
  const image = images[each.image];
  const review = aReview({ uid: `demo-${number}`, object: aPod(image) });
  const { body } = await gate.post(`/validate/${each.mode}?timeout=10s`, review);
  const answer = body.response!;
  say(colour("bold", `${number}. ${each.title}`));
  say(
    colour("dim", `   $ kubectl -n ${each.mode === "enforce" ? "shop" : "sandbox"} run web --image=${image}`),
  );
  for (const line of asKubectl(answer)) say(`   ${line}`);
  const wrong = complaint(each, answer);
  say(wrong === undefined ? "" : colour("red", `   WRONG: ${wrong}\n`));
  return wrong === undefined;
}

/** What kubectl prints for an answer: warnings first, then the outcome. */
function asKubectl({ allowed, status, warnings = [] }: AdmissionAnswer): string[] {
  const warned = warnings.map((text) => `${colour("yellow", "Warning:")} ${text}`);
  if (allowed) return [...warned, colour("green", "pod/web created")];
  const denial = `admission webhook "enforce.mc-gate.dev" denied the request: ${status?.message ?? ""}`;
  return [...warned, `${colour("red", `Error from server (${status?.reason ?? ""}):`)} ${denial}`];
}

function complaint(
  { expect, says }: DemoCase,
  { allowed, status, warnings = [] }: AdmissionAnswer,
): string | undefined {
  const outcome = allowed ? (warnings.length > 0 ? "allowed with a warning" : "allowed") : "denied";
  if (outcome !== expect) return `${outcome}, but it must be ${expect}`;
  const spoken = [status?.message ?? "", ...warnings].join(" ");
  return says === undefined || spoken.includes(says) ? undefined : `it does not say ${says}`;
}

async function scrape(gate: RunningGate): Promise<string> {
  return (await fetch(`${gate.probeUrl}/metrics`)).text();
}

async function main(): Promise<number> {
  const now = new Date();
  const fixtures = await prepareFixtures(now);
  const gate = await startGate({
    registries: [fixtures.registry],
    policy: fixtures.policy,
    waivers: fixtures.waivers,
  });
  say(
    `The gate answers at ${gate.url}; the registry is ${fixtures.registry.host}. Nothing leaves this machine.\n`,
  );
  const before = await scrape(gate);
  let good = 0;
  for (const [at, each] of CASES.entries()) good += (await run(gate, fixtures, each, at + 1)) ? 1 : 0;
  say(colour("bold", "Metrics that moved"));
  for (const line of movedMetrics(before, await scrape(gate))) say(`   ${line}`);
  await gate.stop();
  say(`\n${good} of ${CASES.length} cases ended as they must.`);
  return good === CASES.length && CASES.length === 10 ? 0 : 1;
}

process.exitCode = await main();
