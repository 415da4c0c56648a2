import type { SyncFigures } from "./sync.ts";

const STEPS = ["cold", "warm", "again"] as const;

/** The figures as a table: smallest and largest of all rounds. */
export function syncTable(all: readonly SyncFigures[]): string[] {
  return [HEADER, ...all.flatMap(linesOf)];
}

const HEADER = row([
  "sync of 50 images",
  "delay",
  "ms",
  "CPU ms",
  "registry",
  "Argo CD",
  "API",
  "command ms",
]);

function linesOf(figures: SyncFigures): string[] {
  return STEPS.map((step) => {
    const questions = figures[step];
    const of = (name: keyof (typeof questions)[number]): string => range(questions.map((each) => each[name]));
    const command = step === "cold" ? figures.commandCold : figures.commandWarm;
    return row([
      `${figures.case}, ${step}`,
      String(figures.delayMs),
      ...(["ms", "cpuMs", "registry", "argoCd", "api"] as const).map(of),
      step === "again" ? "-" : range(command),
    ]);
  });
}

function range(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((each) => each.toFixed(0));
  return least === most ? `${least}` : `${least}-${most}`;
}

function row([name = "", ...cells]: readonly string[]): string {
  return `${name.padEnd(20)}${cells.map((each) => each.padStart(12)).join("")}`;
}
