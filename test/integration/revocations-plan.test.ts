import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { type Digest, digestOf } from "../../src/core/index.ts";
import { type McFolder, mcFolder } from "../support/run-mc.ts";
import { publicKeyOf } from "../support/signed-layers.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";
import { RELEASE_WORKFLOW } from "../support/sigstore-claims.ts";

const ISSUER = "https://token.actions.githubusercontent.com";
const SIGNER = ["--issuer", ISSUER, "--identity", RELEASE_WORKFLOW];

function pod(
  name: string,
  containers: Readonly<Record<string, string>>,
  ids: Readonly<Record<string, string>> = {},
) {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, namespace: "shop" },
    spec: { containers: Object.entries(containers).map(([each, image]) => ({ name: each, image })) },
    status: {
      containerStatuses: Object.entries(ids).map(([each, imageID]) => ({ name: each, imageID, ready: true })),
    },
  };
}

describe("mc revocations plan", { timeout: 60_000 }, () => {
  let world: SignedWorld;
  let folder: McFolder;
  let released: Digest;
  let twice: Digest;
  let byKey: Digest;
  beforeAll(async () => {
    world = await signedWorld();
    folder = mcFolder(world.registry);
    folder.write("policy.yaml", world.policy);
    folder.write("r.yaml", "revocations: []\n");
    const { registry, sign, key } = world;
    [released, twice, byKey] = [
      registry.pushImage("acme/app", { tag: "1.4" }),
      registry.pushImage("acme/app"),
      registry.pushImage("acme/app"),
    ];
    await Promise.all([sign(released), sign(twice), sign(twice, key), sign(byKey, key)]);
  });
  afterAll(async () => {
    await world.registry.close();
    folder.remove();
  });

  const named = (digest: Digest): string => `${world.registry.host}/acme/app@${digest}`;
  const plan = (...args: readonly string[]): ReturnType<McFolder["mc"]> => {
    const files = ["--revocations", "r.yaml", "--registries", "registries.yaml", "--policy", "policy.yaml"];
    return folder.mc(["revocations", "plan", ...files, ...args]);
  };
  const planned = async (...args: readonly string[]): Promise<{ code: number; images: Hit[] }> => {
    const { code, stdout } = await plan("-o", "json", ...args);
    return { code, images: (JSON.parse(stdout) as { images: Hit[] }).images };
  };
  interface Hit {
    readonly image: string;
    readonly effect: string;
    readonly because: readonly string[];
    readonly pods: readonly string[];
    readonly promotions: readonly string[];
  }
  const effects = (images: readonly Hit[]): Record<string, string> =>
    Object.fromEntries(images.map(({ image, effect }) => [image, effect]));

  it("tells what a revoked signer would stop, what only loses a signature, and what stays", async () => {
    const { code, images } = await planned(...SIGNER, named(released), named(twice), named(byKey));
    expect([code, effects(images)]).toEqual([
      10,
      { [named(released)]: "refused", [named(twice)]: "weakened", [named(byKey)]: "untouched" },
    ]);
    expect(images[1]!.because).toEqual([expect.stringContaining(RELEASE_WORKFLOW)]);
    expect(folder.read("r.yaml")).toBe("revocations: []\n");
  });

  it("tells the same of a revoked key, given by fingerprint or by PEM", async () => {
    const { fingerprint, pem } = publicKeyOf(world.key);
    folder.write("key.pem", pem);
    for (const key of [fingerprint, "key.pem"]) {
      const { code, images } = await planned("--key", key, named(byKey), named(released));
      expect([code, effects(images)]).toEqual([
        10,
        { [named(byKey)]: "refused", [named(released)]: "untouched" },
      ]);
    }
  });

  it("leaves alone what was signed outside of the window", async () => {
    const window = ["--from", "2020-01-01T00:00:00Z", "--until", "2020-02-01T00:00:00Z"];
    expect(await planned(...SIGNER, ...window, named(released))).toMatchObject({
      code: 0,
      images: [{ effect: "untouched" }],
    });
  });

  it("names the pods that run an image and the manifests that would promote it", async () => {
    const web = pod("web-1", { app: named(released), proxy: named(byKey) });
    const tagged = pod(
      "web-2",
      { app: `${world.registry.host}/acme/app:1.4` },
      { app: `docker-pullable://${named(released)}` },
    );
    folder.write("pods.json", JSON.stringify({ kind: "List", items: [web, tagged] }));
    folder.write(
      "prod.yaml",
      `# promoted\napiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec: { containers: [{ name: app, image: "${named(released)}" }] }\n`,
    );
    const { images } = await planned(
      ...SIGNER,
      "--workloads",
      "pods.json",
      "-f",
      "prod.yaml",
      "--namespace",
      "shop",
    );
    expect(images.find(({ image }) => image === named(released))).toMatchObject({
      effect: "refused",
      pods: ["shop/web-1 (app)", "shop/web-2 (app)"],
      promotions: [expect.stringMatching(/^prod\.yaml:\d /)],
    });
    const text = (await plan(...SIGNER, "--workloads", "pods.json", "-f", "prod.yaml", "--namespace", "shop"))
      .stdout;
    expect(text).toContain("would be refused  2     1           shop");
    expect(text).toContain("pod: shop/web-2 (app)");
    expect(text).toMatch(/2 image\(s\) checked: 1 would be refused, 1 untouched\.\n$/);
  });

  it("finds a revoked digest in what nodes say that they run, without asking for signatures", async () => {
    const other = digestOf("what the tag meant yesterday");
    const running = pod("old", { app: `${world.registry.host}/acme/app:1.3` }, { app: named(other) });
    const quiet = pod("new", { app: named(byKey), side: `${world.registry.host}/acme/app:1.4` });
    folder.write("pods.json", JSON.stringify({ kind: "List", items: [running, quiet] }));
    world.registry.clearRequests();
    const { code, images } = await planned("--digest", other, "--workloads", "pods.json");
    expect([code, images.map(({ effect, pods }) => [effect, pods[0]])]).toEqual([
      10,
      [
        ["refused", "shop/old (app)"],
        ["untouched", "shop/new (app)"],
        ["unknown", "shop/new (side)"],
      ],
    ]);
    expect(world.registry.requests).toEqual([]);
  });

  it("counts the platform images of a revoked index", async () => {
    const index = world.registry.pushIndex("acme/app", { manifests: [released, twice] });
    expect(await planned("--digest", named(index), named(released), named(byKey))).toMatchObject({
      code: 10,
      images: [{ effect: "refused" }, { effect: "untouched" }],
    });
  });

  it("tells what is already void from what would newly be", async () => {
    const old = {
      id: "R-1",
      digest: released,
      reason: "It ships live credentials.",
      created: "2026-04-02T08:00:00Z",
    };
    folder.write("r.yaml", `revocations:\n  - ${JSON.stringify(old)}\n`);
    expect(await planned("--digest", released, named(released))).toMatchObject({
      code: 0,
      images: [{ effect: "void" }],
    });
    folder.write("r.yaml", "revocations: []\n");
  });

  it("exits 11 where nothing could be known, and 12 for a wrong call", async () => {
    world.registry.fault("/v2/acme/app/", { kind: "status", status: 503 });
    const outcome = await planned(...SIGNER, named(digestOf("behind a fault")));
    world.registry.clearFaults();
    expect(outcome).toMatchObject({ code: 11, images: [{ effect: "unknown" }] });
    folder.write("pods.json", "{}");
    expect(await plan(...SIGNER)).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("nothing to check"),
    });
    expect(await plan(...SIGNER, "--workloads", "pods.json")).toMatchObject({ code: 12 });
    const bare = await folder.mc(["revocations", "plan", ...SIGNER, named(released)]);
    expect(bare).toMatchObject({ code: 12, stderr: expect.stringContaining("--policy") });
  });
});
