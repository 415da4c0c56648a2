import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

describe("mc verify --trust-root", { timeout: 60_000 }, () => {
  let world: SignedWorld;
  let folder: McFolder;
  let signed: Digest;

  beforeAll(async () => {
    world = await signedWorld();
    folder = mcFolder(world.registry);
    signed = world.registry.pushImage("acme/app");
    await world.sign(signed);
    const policy = JSON.parse(world.policy);
    const inCluster = { source: "file", path: "/etc/mc-gate/trust/absent.json" };
    folder.write("inline.yaml", world.policy);
    folder.write("policy.yaml", JSON.stringify({ ...policy, trustRoots: { test: inCluster } }));
    folder.write("root.json", JSON.stringify(world.sigstore.trustedRoot));
    folder.write("broken.json", "{}");
  });
  afterAll(async () => {
    await world?.registry.close();
    folder?.remove();
  });

  function verify(policy: string, ...roots: readonly string[]): Promise<Outcome> {
    const image = `${world.registry.host}/acme/app@${signed}`;
    const flags = roots.flatMap((root) => ["--trust-root", root]);
    return folder.mc(["verify", "--policy", policy, "--registries", "registries.yaml", ...flags, image]);
  }

  it("reads the given file instead of the gate's, and the image passes", async () => {
    expect(await verify("policy.yaml", "test=root.json")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("allowed"),
    });
  });

  it.each([
    ["without it", "policy.yaml", [], "ENOENT", "; give yours by --trust-root test=FILE"],
    ["a file that is not there", "policy.yaml", ["test=none.json"], "ENOENT", "none.json"],
    ["a file that is no trust root", "policy.yaml", ["test=broken.json"], "trust root test", ""],
    [
      "a name that the policy does not have",
      "policy.yaml",
      ["test=root.json", "b=root.json"],
      "--trust-root b",
      "names no such trust root",
    ],
    [
      "a root that is not read from a file",
      "inline.yaml",
      ["test=root.json"],
      "--trust-root test",
      "does not read it from a file",
    ],
    ["no name", "policy.yaml", ["root.json"], "--trust-root root.json is not NAME=FILE", ""],
  ])("%s: exits 12 and says why", async (_, policy, roots, ...said) => {
    const { code, stderr } = await verify(policy, ...roots);
    expect(code).toBe(12);
    for (const text of said) expect(stderr).toContain(text);
  });
});
