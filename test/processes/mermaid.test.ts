import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { type McFolder, mcFolder } from "../support/run-mc.ts";

const PLANS = "test/golden/plans";
const NAMES = readdirSync(PLANS).flatMap((file) => /^(.+)\.mermaid\.txt$/.exec(file)?.[1] ?? []);

const Charts = z.array(
  z.object({
    nodes: z.array(z.object({ id: z.string(), label: z.string(), classes: z.array(z.string()) })),
    arrows: z.array(z.tuple([z.string(), z.string()])),
    groups: z.array(z.object({ title: z.string(), nodes: z.array(z.string()) })),
  }),
);
type Chart = z.output<typeof Charts>[number];

const PlanAnswer = z.object({
  pipelines: z.array(
    z.object({
      stages: z.array(
        z.object({ id: z.string(), needs: z.array(z.string()), releases: z.array(z.string()) }),
      ),
    }),
  ),
});
type Pipelines = z.output<typeof PlanAnswer>["pipelines"];

/** What the real Mermaid reads in the files, in a process of its own. */
function readByMermaid(files: readonly string[]): Chart[] {
  const text = execFileSync(process.execPath, ["test/processes/mermaid-process.mjs", ...files], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  return Charts.parse(JSON.parse(text));
}

/** `a<b` for whatever comes before something else, directly or not. */
function order(arrows: readonly (readonly [from: string, to: string])[]): string[] {
  const after = Map.groupBy(arrows, ([from]) => from);
  return [...after.keys()]
    .flatMap((from) => {
      const reached = new Set<string>();
      const open = [from];
      for (let at = open.pop(); at !== undefined; at = open.pop())
        for (const [, to] of after.get(at) ?? [])
          if (!reached.has(to)) {
            reached.add(to);
            open.push(to);
          }
      return [...reached].map((to) => `${from}<${to}`);
    })
    .toSorted();
}

/** The needs of a plan, by the numbers that its drawing gives the stages. A need that is not there is not drawn. */
function needsOf(pipelines: Pipelines): [from: string, to: string][] {
  let last = 0;
  return pipelines.flatMap(({ stages }) => {
    const numbers = new Map(stages.map(({ id }) => [id, `s${(last += 1)}`]));
    return stages.flatMap(({ id, needs }) =>
      needs.flatMap((need): [string, string][] => {
        const from = numbers.get(need);
        return from === undefined ? [] : [[from, numbers.get(id)!]];
      }),
    );
  });
}

/** A label as Mermaid shows it: it keeps entities in characters of its own until it draws. */
function shown(label: string): string {
  return label.replaceAll(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCodePoint(Number(code)));
}

/** Job names that are Mermaid's own syntax. */
const HOSTILE = [
  'a"]; click s1 "javascript:alert(1)"',
  "end",
  "%%{init: {'theme':'dark'}}%%",
  "<img src=x onerror=alert(1)>",
  "`code` **bold** #35; &amp; ;",
  "subgraph x\n  s9 --> s9",
];

/** The drawing of a workflow of such jobs. */
async function drawHostile(folder: McFolder): Promise<string> {
  const jobs = HOSTILE.map((id) => [id, { "runs-on": "ubuntu-latest", steps: [{ run: "make test" }] }]);
  folder.write("ci.yml", JSON.stringify({ on: "push", jobs: Object.fromEntries(jobs) }));
  const answer = await folder.mc(["plan", "-o", "mermaid", "ci.yml"]);
  expect(answer.code).toBe(0);
  folder.write("plan.txt", answer.stdout);
  return join(folder.path, "plan.txt");
}

describe("the real Mermaid", () => {
  let charts: Chart[];

  beforeAll(async () => {
    const folder = mcFolder();
    const golden = NAMES.map((name) => join(PLANS, `${name}.mermaid.txt`));
    try {
      charts = readByMermaid([await drawHostile(folder), ...golden]);
    } finally {
      folder.remove();
    }
  });

  it("is given all nine golden plans", () => {
    expect(NAMES).toHaveLength(9);
  });

  it.each(NAMES.map((name, at) => [name, at + 1] as const))(
    "reads in the golden plan %s the stages, releases and order that -o json states",
    (name, at) => {
      const { pipelines } = PlanAnswer.parse(
        JSON.parse(readFileSync(join(PLANS, `${name}.json.txt`), "utf8")),
      );
      const { nodes, arrows, groups } = charts[at]!;
      expect(groups.map((group) => group.nodes.length)).toEqual(pipelines.map(({ stages }) => stages.length));
      const stages = pipelines.flatMap((pipeline) => pipeline.stages);
      expect(nodes).toHaveLength(stages.length);
      for (const [of, { releases }] of stages.entries())
        expect(nodes[of]!.label.split("<br>")).toEqual(expect.arrayContaining(releases));
      expect(order(arrows)).toEqual(order(needsOf(pipelines)));
    },
  );

  it("reads job names that are its own syntax as labels", () => {
    const { nodes, arrows } = charts[0]!;
    expect(arrows).toEqual([]);
    expect(nodes.map(({ label }) => shown(label.split("<br>")[0]!))).toEqual(HOSTILE);
  });
});
