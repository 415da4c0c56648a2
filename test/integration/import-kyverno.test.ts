import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { KYVERNO_CASES as CASES } from "../support/import-kyverno-cases.ts";
import { type ImageName, type ImportWorld, importWorld } from "../support/import-world.ts";

describe("an imported Kyverno policy", { timeout: 60_000 }, () => {
  let world: ImportWorld;
  beforeAll(async () => {
    world = await importWorld();
  });
  afterAll(() => world.registry.close());

  it.each(CASES)(
    "decides as the original means: $file in $namespace",
    async ({ file, namespace, losses, verdicts }) => {
      const { policy, losses: found } = world.imported(file);
      expect(found.map(({ path, effect }) => [path, effect])).toEqual(losses);
      expect(await world.verdicts(policy, Object.keys(verdicts) as ImageName[], namespace)).toEqual(verdicts);
    },
  );

  it.each(CASES.filter(({ accepted }) => accepted !== undefined))(
    "leaves out what is accepted, and nothing else: $file",
    async ({ file, namespace, accepted = {} }) => {
      const { policy } = world.imported(file, true);
      expect(await world.verdicts(policy, Object.keys(accepted) as ImageName[], namespace)).toEqual(accepted);
    },
  );
});
