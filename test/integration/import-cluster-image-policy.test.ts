import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { CLUSTER_IMAGE_POLICY_CASES as CASES } from "../support/import-cases.ts";
import { type ImageName, type ImportWorld, importWorld } from "../support/import-world.ts";

describe("an imported ClusterImagePolicy", { timeout: 60_000 }, () => {
  let world: ImportWorld;
  beforeAll(async () => {
    world = await importWorld();
  });
  afterAll(() => world.registry.close());

  it.each(CASES)("decides as the original means: $file", async ({ file, losses, verdicts }) => {
    const { policy, losses: found } = world.imported(file);
    expect(found.map(({ path, effect }) => [path, effect])).toEqual(losses);
    expect(await world.verdicts(policy, Object.keys(verdicts) as ImageName[])).toEqual(verdicts);
  });

  it.each(CASES.filter(({ accepted }) => accepted !== undefined))(
    "leaves out what is accepted, and nothing else: $file",
    async ({ file, accepted = {} }) => {
      const { policy } = world.imported(file, true);
      expect(await world.verdicts(policy, Object.keys(accepted) as ImageName[])).toEqual(accepted);
    },
  );

  it("points to the line of each loss, also below a List", () => {
    const text = world.fixture("signature-and-provenance");
    const { losses } = world.imported("signature-and-provenance");
    expect(text.split("\n")[losses[0]!.line - 1]).toMatch(/policy:$|type: cue/);
  });
});
