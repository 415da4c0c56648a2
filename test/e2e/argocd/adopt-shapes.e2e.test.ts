import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Shape } from "../../support/adopt-shape-parts.ts";
import { SHAPES } from "../../support/adopt-shapes.ts";
import { adopt, dryCreate, dryCreateRendered, writeFiles } from "../support/adoption.ts";
import { argoCdObstacle } from "../support/argocd-scenario.ts";
import { cluster } from "../support/scenario.ts";

/** Those that no API server takes: templates of a chart, a key that is there twice, and one that its kind does not have. */
const UNREAD = ["a chart that makes Applications", "a duplicate key", "a source that an alias repeats"];

/** What is accepted of a shape as it lies there, and of each folder that kustomize renders. */
async function accepted({ rendered = [] }: Shape, place: string): Promise<readonly unknown[]> {
  const [written, ...folders] = await Promise.all([
    dryCreate(cluster(), place),
    ...rendered.map((folder) => dryCreateRendered(cluster(), join(place, folder))),
  ]);
  return [written.accepted, ...folders.map((folder) => folder?.accepted)];
}

describe.skipIf(argoCdObstacle)("what mc adopt argocd writes, for an API server with Argo CD's kinds", () => {
  let scratch: string;

  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), "mc-shapes-"));
  });
  afterAll(() => rm(scratch, { recursive: true, force: true }));

  it.each(SHAPES)("is accepted where it was before: $title", async (shape) => {
    const { title, files, args = [], rendered = [] } = shape;
    const place = join(scratch, title.replaceAll(/\W/g, "-"));
    await writeFiles(place, files);
    const before = await accepted(shape, place);
    const [option, folder, ...rest] = args;
    const inner = option === "--read" ? join(place, folder!) : place;
    await adopt("-f", inner, "--apply", ...(option === "--read" ? rest : args));
    expect(await accepted(shape, place)).toEqual(before);
    const fewest = UNREAD.includes(title) ? 0 : 1;
    expect(before).toHaveLength(rendered.length + 1);
    for (const names of before) expect((names as readonly string[]).length).toBeGreaterThanOrEqual(fewest);
  });
});
