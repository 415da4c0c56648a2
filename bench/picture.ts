import { readFileSync } from "node:fs";

import type { Figures } from "./measure.ts";

const CASE = "warm";
const NAMES: Readonly<Record<string, string>> = { gate: "MC Gate", peer: "policy-controller" };
const [WIDTH, HEIGHT, LEFT, TOP] = [340, 200, 58, 44];
const SPACE = 76;

/** One picture: a figure over concurrency, each system a line. */
interface Panel {
  readonly title: string;
  readonly of: (figures: Figures) => number;
}

const PANELS: readonly Panel[] = [
  { title: "reviews a second", of: ({ rate }) => rate },
  { title: "p99, milliseconds", of: ({ p99 }) => p99 },
];

/** The powers of ten around all values. */
function ticksAround(values: readonly number[]): number[] {
  const first = Math.floor(Math.log10(Math.min(...values)));
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))));
  return Array.from({ length: last - first + 1 }, (_, at) => 10 ** (first + at));
}

/** How far along an axis of logarithms a value lies, 0 to 1. */
function along(value: number, least: number, most: number): number {
  const share = Math.log(value / least) / Math.log(most / least);
  return Math.min(1, Math.max(0, share));
}

function text(x: number, y: number, what: string, more = ""): string {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${more}>${what}</text>`;
}

/** The mean, the least and the most of a system's rounds at one concurrency. */
interface Point {
  readonly c: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
}

function pointsOf(rows: readonly Figures[], of: Panel["of"]): Point[] {
  return [...Map.groupBy(rows, ({ concurrency }) => concurrency)]
    .map(([c, rounds]) => {
      const values = rounds.map(of);
      const mean = values.reduce((sum, each) => sum + each, 0) / values.length;
      return { c, mean, least: Math.min(...values), most: Math.max(...values) };
    })
    .toSorted((a, b) => a.c - b.c);
}

function panel({ title, of }: Panel, rows: readonly Figures[], left: number): string {
  const concurrencies = [...new Set(rows.map(({ concurrency }) => concurrency))].toSorted((a, b) => a - b);
  const ticks = ticksAround(rows.map(of));
  const [first = 1, last = 1] = [concurrencies[0], concurrencies.at(-1)];
  const x = (c: number): number => left + along(c, first, last) * WIDTH;
  const y = (value: number): number => TOP + HEIGHT - along(value, ticks[0]!, ticks.at(-1)!) * HEIGHT;
  const grid = ticks.map(
    (tick) =>
      `<path class="grid" d="M${left} ${y(tick).toFixed(1)}h${WIDTH}"/>` +
      text(left - 8, y(tick) + 4, tick.toLocaleString("en"), 'text-anchor="end"'),
  );
  const labels = concurrencies.map((c) => text(x(c), TOP + HEIGHT + 18, String(c), 'text-anchor="middle"'));
  const lines = [...Map.groupBy(rows, ({ system }) => system)].map(([system, own]) => {
    const points = pointsOf(own, of);
    const path = points.map(({ c, mean }) => `${x(c).toFixed(1)} ${y(mean).toFixed(1)}`).join("L");
    const spread = points.map(
      ({ c, least, most }) => `M${x(c).toFixed(1)} ${y(least).toFixed(1)}V${y(most).toFixed(1)}`,
    );
    const name = text(
      x(points.at(-1)!.c),
      y(points.at(-1)!.mean) - 10,
      NAMES[system] ?? system,
      'text-anchor="end" class="name"',
    );
    return `<g class="${system}"><path d="M${path}"/><path class="spread" d="${spread.join("")}"/>${name}</g>`;
  });
  const below = text(
    left + WIDTH / 2,
    TOP + HEIGHT + 38,
    "reviews under way at once",
    'text-anchor="middle"',
  );
  return [text(left, TOP - 18, title, 'class="title"'), ...grid, ...labels, ...lines, below].join("\n");
}

/** A picture of its own: no font, script or style from elsewhere, readable on light and on dark paper. */
export function picture(figures: readonly Figures[]): string {
  const rows = figures.filter((each) => each.case === CASE && each.system in NAMES);
  const panels = PANELS.map((each, at) => panel(each, rows, LEFT + at * (WIDTH + SPACE)));
  const [width, height] = [LEFT + 2 * WIDTH + SPACE + 16, TOP + HEIGHT + 52];
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="t">
<title id="t">Warm reviews of one image: rate and p99 over concurrency, MC Gate and policy-controller</title>
<style>
text { font: 12px system-ui, sans-serif; fill: #57606a } .title { font-weight: 600; font-size: 13px }
.grid { stroke: #8886; fill: none } g path { fill: none; stroke-width: 2 } g .spread { stroke-width: 5; opacity: .35 }
.gate path { stroke: #0969da } .gate .name { fill: #0969da } .peer path { stroke: #bc4c00 } .peer .name { fill: #bc4c00 }
@media (prefers-color-scheme: dark) {
text { fill: #c9d1d9 } .gate path { stroke: #58a6ff } .gate .name { fill: #58a6ff }
.peer path { stroke: #f0883e } .peer .name { fill: #f0883e } }
</style>
${panels.join("\n")}
</svg>
`;
}

function figuresIn(file: string): Figures[] {
  return (JSON.parse(readFileSync(file, "utf8")) as { figures: Figures[] }).figures;
}

if (import.meta.main) process.stdout.write(picture(process.argv.slice(2).flatMap(figuresIn)));
