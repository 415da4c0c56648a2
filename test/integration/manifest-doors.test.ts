import { chmodSync, linkSync, lstatSync, mkdirSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { targetImages } from "../../src/argocd/target/target-images.ts";
import { targetObjects } from "../../src/argocd/target/target-objects.ts";
import { digestOf } from "../../src/core/index.ts";
import { type OciRegistry, startOciRegistry } from "../support/oci-registry.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";

const VOID = digestOf("void");
const EVIL = `docker.io/evil/evil@${VOID}`;
const GOOD = `ghcr.io/acme/app@${digestOf("good")}`;
const POLICY = `rules: [{ name: pinned, images: ["ghcr.io/acme/**"], require: { reference: { pinned: true } } }]\n`;

function pod(image: string, more: object = {}): Record<string, unknown> {
  const spec = { containers: [{ name: "c", image }], ...more };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "web", namespace: "shop" }, spec };
}

function listOf(kind: string, ...items: readonly object[]): object {
  return { apiVersion: "v1", kind, items };
}

function untyped(image: string): object {
  const { metadata, spec } = pod(image);
  return { metadata, spec };
}

/** The ways in which a manifest can hold a pod. */
const SHAPES: readonly (readonly [string, (image: string) => object])[] = [
  ["a pod", (image) => pod(image)],
  ["a List", (image) => listOf("List", pod(image))],
  ["a List in a List", (image) => listOf("List", listOf("List", pod(image)))],
  ["items under a kind that does not end in List", (image) => listOf("Everything", pod(image))],
  ["items under a Deployment that has a template", (image) => ({ ...deployment(GOOD), items: [pod(image)] })],
  ["a PodList whose items name no type", (image) => listOf("PodList", untyped(image))],
  ["an image volume", (reference) => pod(GOOD, { volumes: [{ name: "v", image: { reference } }] })],
];

function deployment(image: string): object {
  const template = { spec: { containers: [{ name: "c", image }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { template } };
}

describe("an image in a manifest", { timeout: 60_000 }, () => {
  let folder: McFolder;
  beforeAll(() => {
    folder = mcFolder();
    folder.write("policy.yaml", POLICY);
  });
  afterAll(() => folder.remove());

  const mc = (...args: readonly string[]): Promise<Outcome> => folder.mc(args);
  const written = (value: object): string => {
    folder.write("f.yaml", JSON.stringify(value));
    return "f.yaml";
  };

  describe.each(SHAPES)("that holds %s", (_, shaped) => {
    it("is judged by mc verify", async () => {
      const file = written(shaped(EVIL));
      const outcome = await mc("verify", "--policy", "policy.yaml", "-f", file);
      expect(outcome).toMatchObject({ code: 10, stdout: expect.stringContaining(EVIL) });
    });

    it("is seen by mc pin --check", async () => {
      const outcome = await mc("pin", "--check", "-f", written(shaped("evil/evil:latest")));
      expect(outcome).toMatchObject({ code: 10, stdout: "f.yaml:1: evil/evil:latest\n" });
    });

    it("is hit by mc revocations plan", async () => {
      const outcome = await mc("revocations", "plan", "--digest", VOID, "-f", written(shaped(EVIL)));
      expect(outcome).toMatchObject({ code: 10, stdout: expect.stringContaining("would be refused") });
    });

    it("is an image of a sync's target", () => {
      const { groups } = targetImages(targetObjects([JSON.stringify(shaped(EVIL))]), {
        namespace: "shop",
        workloads: [],
        ownDigests: [],
      });
      expect(groups.flatMap(({ subjects }) => subjects.map(({ image }) => image))).toContain(EVIL);
    });
  });

  it("in a running pod's image volume is hit by mc revocations plan --workloads", async () => {
    const volumes = [{ name: "models", image: { reference: EVIL } }];
    folder.write("pods.json", JSON.stringify(listOf("List", pod(GOOD, { volumes }))));
    const { code, stdout } = await mc("revocations", "plan", "--digest", VOID, "--workloads", "pods.json");
    expect([code, stdout]).toEqual([10, expect.stringContaining('shop/web (image volume "models")')]);
  });

  it("in a running pod's image volume is refused by mc waivers audit when its waiver ends", async () => {
    const volumes = [{ name: "models", image: { reference: EVIL } }];
    folder.write("pods.json", JSON.stringify(listOf("PodList", pod(GOOD, { volumes }))));
    const waiver = {
      id: "W",
      class: "signature",
      digest: VOID,
      owners: ["shop"],
      reason: "The supplier signs from the next release on.",
      created: "2026-11-24T00:00:00Z",
      ttl: "2d",
    };
    folder.write("w.yaml", JSON.stringify({ waivers: [waiver] }));
    const at = ["--at", "2026-11-25T00:00:00Z", "-o", "json"];
    const { stdout } = await mc("waivers", "audit", "w.yaml", "--workloads", "pods.json", ...at);
    expect(JSON.parse(stdout).active[0].refused).toEqual(['shop/web (image volume "models")']);
  });

  it.each([
    ["one page of a list", { ...listOf("PodList", pod(GOOD)), metadata: { continue: "token" } }, /one page/],
    [
      "something else than pods",
      listOf("List", pod(GOOD), deployment(GOOD)),
      /items\.1 is of kind Deployment/,
    ],
    [
      "a pod that cannot be read",
      listOf("List", { ...pod(GOOD), spec: { containers: 1 } }),
      /items\.0: the Pod/,
    ],
    ["an item that is no object", listOf("List", [] as object), /items\.0/],
  ])("is not called untouched where what runs is %s", async (_, value, said) => {
    folder.write("pods.json", JSON.stringify(value));
    const outcome = await mc("revocations", "plan", "--digest", VOID, "--workloads", "pods.json");
    expect(outcome).toMatchObject({ code: 12, stdout: "", stderr: expect.stringMatching(said) });
  });

  it("counts in mc revocations plan for the namespace that its object names, else for --namespace", async () => {
    folder.write("two.yaml", `${JSON.stringify(pod(EVIL))}\n---\n${JSON.stringify(deployment(EVIL))}\n`);
    const args = ["--digest", VOID, "-f", "two.yaml", "--namespace", "prod", "-o", "json"];
    const { stdout } = await mc("revocations", "plan", ...args);
    const { images } = JSON.parse(stdout) as { images: readonly { readonly namespace: string }[] };
    expect(images.map(({ namespace }) => namespace)).toEqual(["shop", "prod"]);
  });

  it("by a link to a file in a folder is read, as kubectl reads it", async () => {
    mkdirSync(join(folder.path, "linked"));
    folder.write("outside.yaml", JSON.stringify(pod(EVIL)));
    symlinkSync("../outside.yaml", join(folder.path, "linked", "pod.yaml"));
    expect(await mc("verify", "--policy", "policy.yaml", "-f", "linked")).toMatchObject({ code: 10 });
    symlinkSync("../gone.yaml", join(folder.path, "linked", "gone.yaml"));
    expect(await mc("verify", "--policy", "policy.yaml", "-f", "linked")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("gone.yaml"),
    });
  });
});

const THING = {
  apiVersion: "example.com/v1",
  kind: "Thing",
  metadata: { name: "evil", namespace: "shop" },
  spec: { pod: { containers: [{ name: "c", image: EVIL }] } },
};

describe("what is not looked at", { timeout: 60_000 }, () => {
  let folder: McFolder;
  beforeAll(() => {
    folder = mcFolder();
    folder.write("policy.yaml", POLICY);
    const service = { apiVersion: "v1", kind: "Service", metadata: { name: "web" } };
    const rollout = {
      apiVersion: "argoproj.io/v1alpha1",
      kind: "Rollout",
      metadata: { name: "web" },
      spec: { workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" } },
    };
    const documents = [pod(GOOD), THING, { ...THING, metadata: { name: "other" } }, service, rollout];
    folder.write("mixed.yaml", documents.map((each) => JSON.stringify(each)).join("\n---\n"));
    folder.write("thing.yaml", JSON.stringify(THING));
    folder.write("gateway.yaml", JSON.stringify(deployment("auto")));
    folder.write("values.yaml", "image: nginx\n");
  });
  afterAll(() => folder.remove());

  const verify = (...args: readonly string[]): Promise<Outcome> =>
    folder.mc(["verify", "--policy", "policy.yaml", ...args]);

  it("beside an image that passes is said on stderr, once for each kind", async () => {
    const { code, stderr } = await verify("-f", "mixed.yaml");
    expect([code, stderr.trimEnd().split("\n")]).toEqual([
      0,
      [
        'Not checked: mixed.yaml:3: Thing.example.com "evil": example.com/Thing is not known to contain a pod spec; if it does, give its path: --pod-spec example.com/Thing=PATH (and 1 more).',
        'Not checked: mixed.yaml:9: Rollout.argoproj.io "web": the Rollout takes the pod template of Deployment "web", where its images are checked.',
      ],
    ]);
  });

  it("is listed whole in JSON, and as notifications in SARIF", async () => {
    const { notLookedAt } = JSON.parse((await verify("-f", "mixed.yaml", "-o", "json")).stdout);
    expect(notLookedAt.map(({ object, line }: { object: string; line: number }) => [object, line])).toEqual([
      ['Thing.example.com "evil"', 3],
      ['Thing.example.com "other"', 5],
      ['Rollout.argoproj.io "web"', 9],
    ]);
    const [run] = JSON.parse((await verify("-f", "mixed.yaml", "-o", "sarif")).stdout).runs;
    expect(run.invocations[0].toolExecutionNotifications).toHaveLength(3);
  });

  it("is looked at where --pod-spec says where its pod spec is", async () => {
    const { code, stdout } = await verify("-f", "mixed.yaml", "--pod-spec", "example.com/Thing=spec.pod");
    expect([code, stdout]).toEqual([10, expect.stringContaining(EVIL)]);
    const wrong = await verify("-f", "mixed.yaml", "--pod-spec", "example.com/Thing=spec.template");
    expect(wrong).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("has no pod spec at spec.template"),
    });
  });

  it.each(["Thing=spec", "example.com/Thing", "example.com/Thing=", "example.com/Thing=a..b"])(
    "needs --pod-spec in its form, not %s",
    async (text) => {
      const outcome = await verify("-f", "mixed.yaml", "--pod-spec", text);
      expect(outcome).toMatchObject({ code: 12, stderr: expect.stringContaining("is not GROUP/KIND=PATH") });
    },
  );

  it("needs --pod-spec to lead to something that can be a pod spec: not metadata, and not what has no containers", async () => {
    const never = await verify("-f", "mixed.yaml", "--pod-spec", "example.com/Thing=metadata");
    expect(never).toMatchObject({ code: 12, stderr: expect.stringContaining("no object has a pod spec in") });
    const wrong = await verify("-f", "mixed.yaml", "--pod-spec", "example.com/Thing=spec");
    expect(wrong).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("it has no list of containers"),
    });
  });

  it.each(["thing.yaml", "gateway.yaml", "values.yaml"])(
    "and is all that there is in %s: exit 12",
    async (file) => {
      for (const args of [["verify", "--policy", "policy.yaml"], ["pin"], ["pin", "--check"]])
        expect(await folder.mc([...args, "-f", file])).toMatchObject({
          code: 12,
          stderr: expect.stringContaining("Not checked: "),
        });
      const plan = await folder.mc(["revocations", "plan", "--digest", VOID, "-f", file]);
      expect(plan).toMatchObject({ code: 12, stderr: expect.stringContaining("Not checked: ") });
    },
  );

  it("is an error where it is an object that cannot be read: half a file is no answer", async () => {
    folder.write("half.yaml", `${JSON.stringify(listOf("List", pod(GOOD), { spec: 1 }))}\n`);
    expect(await verify("-f", "half.yaml")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("half.yaml:1: the object cannot be read at items.1.kind"),
    });
  });
});

/** A gateway of Istio's with another container beside the proxy. */
function both(image: string): object {
  const containers = [
    { name: "istio-proxy", image: "auto" },
    { name: "web", image },
  ];
  return { ...deployment("x"), spec: { template: { spec: { containers } } } };
}

describe("mc pin", { timeout: 60_000 }, () => {
  let folder: McFolder;
  let registry: OciRegistry;
  let image: string;
  let pinned: string;
  beforeAll(async () => {
    registry = await startOciRegistry();
    folder = mcFolder(registry);
    const digest = registry.pushImage("acme/app", { tag: "1.4" });
    image = `${registry.host}/acme/app:1.4`;
    pinned = `${image}@${digest}`;
  });
  afterAll(async () => {
    await registry.close();
    folder.remove();
  });
  const pin = (...args: readonly string[]): Promise<Outcome> =>
    folder.mc(["pin", "--registries", "registries.yaml", ...args]);

  it("writes through a link, and keeps link and mode", async () => {
    folder.write("target.yaml", JSON.stringify(pod(image)));
    const [target, link] = [join(folder.path, "target.yaml"), join(folder.path, "link.yaml")];
    chmodSync(target, 0o640);
    symlinkSync("target.yaml", link);
    expect(await pin("-f", "link.yaml")).toMatchObject({ code: 0 });
    expect(lstatSync(link).isSymbolicLink()).toBe(true);
    expect([folder.read("target.yaml"), statSync(target).mode & 0o777]).toEqual([
      JSON.stringify(pod(pinned)),
      0o640,
    ]);
  });

  it("refuses to part hard links", async () => {
    folder.write("one.yaml", JSON.stringify(pod(image)));
    linkSync(join(folder.path, "one.yaml"), join(folder.path, "other.yaml"));
    const { code, stderr } = await pin("-f", "one.yaml");
    expect([code, stderr]).toEqual([12, expect.stringContaining("2 hard links")]);
    expect(folder.read("one.yaml")).toBe(JSON.stringify(pod(image)));
  });

  it("prints an image by digest, and the whole manifest that comes by standard input", async () => {
    expect(await pin(image)).toMatchObject({ code: 0, stdout: `${pinned}\n` });
    expect(await pin("--check", image)).toMatchObject({ code: 10, stdout: `${image}\n` });
    const text = `# kept\n${JSON.stringify(pod(image))}\n`;
    const args = ["pin", "--registries", "registries.yaml", "-f", "-"];
    const piped = await folder.mc(args, text);
    expect(piped).toMatchObject({ code: 0, stdout: text.replace(image, pinned) });
    expect(await folder.mc(args, piped.stdout)).toMatchObject({ code: 0, stdout: piped.stdout });
    expect(await folder.mc([...args, "-o", "json"], text)).toMatchObject({ code: 12 });
    const json = await pin("-o", "json", "--check", image, pinned);
    expect([json.code, JSON.parse(json.stdout)]).toEqual([
      10,
      {
        version: 1,
        results: [
          { image, pinned: false },
          { image: pinned, reference: pinned, pinned: true },
        ],
        notLookedAt: [],
      },
    ]);
    expect(await pin("--check")).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("nothing to pin"),
    });
  });

  it("never looks up a name that kustomize replaces, and says where the digest belongs", async () => {
    mkdirSync(join(folder.path, "kust"));
    const repository = image.replace(/:1\.4$/, "");
    const [manifest, kustomization] = ["kust/d.yaml", "kust/kustomization.yaml"];
    folder.write(manifest, JSON.stringify(pod("app")));
    const write = (more: string): void =>
      folder.write(
        kustomization,
        `resources: [d.yaml]\nimages:\n  - name: app\n    newName: ${repository}\n    newTag: "1.4"\n${more}`,
      );
    write("");
    const digest = pinned.split("@")[1]!;
    for (const path of ["kust", manifest]) {
      const { code, stdout } = await pin("-f", path);
      expect([code, stdout]).toEqual([
        10,
        expect.stringContaining(
          `${manifest}:1: app: ${kustomization}:3 replaces it by ${image}; add \`digest: ${digest}\` to it\n`,
        ),
      ]);
    }
    expect(await pin("--check", "-f", "kust")).toMatchObject({ code: 10 });
    expect(folder.read(manifest)).toBe(JSON.stringify(pod("app")));
    write(`    digest: ${digest}\n`);
    expect(await pin("--check", "-f", "kust")).toMatchObject({ code: 0 });
    folder.write("kust/other.yaml", JSON.stringify(pod("app")));
    const other = await pin("--check", "-f", "kust");
    expect([other.code, other.stdout]).toEqual([10, expect.stringContaining("does not read this file")]);
  });

  it.each([
    ["is not YAML", "resources: [pod.yaml\n", /broken\/kustomization\.yaml:\d+:\d+: /],
    ["has images that are no list", "images: { name: app }\n", /kustomization\.yaml:1: .* at images/],
    ["has an image without a name", "images:\n  - newTag: v1\n", /kustomization\.yaml:2: .* at images\.0/],
    ["reads a path that is a number", "resources: [1]\n", /at resources\.0/],
  ])("pins nothing next to a kustomization that %s", async (_, kustomization, message) => {
    mkdirSync(join(folder.path, "broken"), { recursive: true });
    folder.write("broken/pod.yaml", JSON.stringify(pod(image)));
    folder.write("broken/kustomization.yaml", kustomization);
    for (const path of ["broken", "broken/pod.yaml"]) {
      const { code, stderr } = await pin("-f", path);
      expect([code, stderr]).toEqual([12, expect.stringMatching(message)]);
    }
    expect(folder.read("broken/pod.yaml")).toBe(JSON.stringify(pod(image)));
  });

  it("says what it cannot see: Terraform, compose, values, templates", async () => {
    mkdirSync(join(folder.path, "mixed"));
    folder.write("mixed/pod.yaml", JSON.stringify(pod(pinned)));
    folder.write("mixed/main.tf", 'image = "nginx"');
    folder.write("mixed/compose.yaml", "services: { web: { image: nginx } }\n");
    folder.write("mixed/values.yaml", "image: { tag: v1 }\n");
    const { code, stderr } = await pin("--check", "-f", "mixed");
    expect(code).toBe(0);
    for (const said of [
      /main\.tf:1: it is not a Kub.*mc pin IMAGE/,
      /compose\.yaml:1: a compose file/,
      /values\.yaml:1: values of a Helm chart/,
    ])
      expect(stderr).toMatch(said);
    folder.write("mixed/t.yaml", "a: {{ .Values.x }}\nb: [\n");
    const template = await pin("--check", "-f", "mixed");
    expect(template).toMatchObject({ code: 12, stderr: expect.stringContaining("helm template") });
  });

  it("leaves the placeholder auto as it is, and pins what stands beside it", async () => {
    folder.write("gateway.yaml", JSON.stringify(both(image)));
    const { code, stderr } = await pin("-f", "gateway.yaml");
    expect([code, stderr]).toEqual([0, expect.stringContaining('names the placeholder "auto"')]);
    expect(folder.read("gateway.yaml")).toBe(JSON.stringify(both(pinned)));
  });
});
