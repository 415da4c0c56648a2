import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { Digest } from "../../src/core/index.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";
import { type SignedWorld, signedWorld } from "../support/signed-world.ts";

function manifest(image: string): string {
  return `# kept\nkind: Pod\napiVersion: v1\nspec:\n  containers:\n    - name: web\n      image: "${image}" # the image\n`;
}

function podsOf(image: string, namespace: string, names: readonly string[]): object[] {
  const spec = { containers: [{ name: "c", image }] };
  return names.map((name) => ({ apiVersion: "v1", kind: "Pod", metadata: { namespace, name }, spec }));
}

describe("mc", { timeout: 60_000 }, () => {
  let world: SignedWorld;
  let folder: McFolder;
  let signed: Digest;
  let unsigned: Digest;

  beforeAll(async () => {
    world = await signedWorld();
    folder = mcFolder(world.registry, { host: "127.0.0.1:1" });
    const { registry, sign, policy } = world;
    [signed, unsigned] = [registry.pushImage("acme/app", { tag: "1.4" }), registry.pushImage("acme/app")];
    await sign(signed);
    write("policy.yaml", policy);
  });
  afterAll(async () => {
    await world?.registry.close();
    folder?.remove();
  });

  const write = (name: string, text: string): void => folder.write(name, text);
  const mc: McFolder["mc"] = (args, input) => folder.mc(args, input);

  const REGISTRIES = ["--registries", "registries.yaml"];
  const verify = (args: readonly string[], input?: string): Promise<Outcome> =>
    mc(["verify", "--policy", "policy.yaml", ...REGISTRIES, ...args], input);
  const named = (digest: Digest): string => `${world.registry.host}/acme/app@${digest}`;
  describe("verify", () => {
    it("exits 0 and says who signed", async () => {
      const { code, stdout } = await verify([named(signed)]);
      expect([code, stdout]).toEqual([0, expect.stringMatching(/^allowed {2}.*\n {2}.*release\.yml/)]);
    });

    it("exits 10 with the sentence that the webhook would give, and 0 in advisory", async () => {
      const refused = await verify([named(unsigned), named(signed)]);
      expect(refused).toMatchObject({
        code: 10,
        stdout: expect.stringContaining("[signature/missing, rule acme]"),
      });
      expect(await verify(["--mode", "advisory", named(unsigned)])).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^warning/),
      });
    });

    it("exits 11 where it cannot tell, unless something is refused as well", async () => {
      write("down.yaml", world.policy.replaceAll(`${world.registry.host}/acme/*`, "127.0.0.1:1/acme/*"));
      const down = `127.0.0.1:1/acme/app@${signed}`;
      const flags = ["verify", "--policy", "down.yaml", ...REGISTRIES];
      expect(await mc([...flags, down])).toMatchObject({
        code: 11,
        stdout: expect.stringMatching(/^unknown .*\n.*\[registry\/unavailable\]/),
      });
      expect(await mc([...flags, down, named(unsigned)])).toMatchObject({ code: 10 });
    });

    it("exits 11 and says that no retry helps where the settings refuse the host", async () => {
      const { code, stdout } = await mc(["verify", "--policy", "policy.yaml", "-o", "json", named(signed)]);
      const [{ objections }] = JSON.parse(stdout).results;
      expect(code).toBe(11);
      expect(objections).toMatchObject([
        {
          kind: "fault",
          code: "registry/forbidden",
          retry: false,
          fix: expect.stringContaining("allowLoopbackUnsafe"),
        },
      ]);
    });

    it.each([
      [["pin", "127.0.0.1:1/acme/app:1.4"]],
      [["pin", "-f", "-"]],
      [["policy", "explain", "--policy", "policy.yaml"]],
      [["open-logs", "--policy", "policy.yaml", "--image"]],
    ])("%j exits 11 for such a host, too", async (args) => {
      const image = args[0] === "pin" ? [] : [named(signed)];
      const { code, stdout, stderr } = await mc([...args, ...image], manifest("127.0.0.1:1/acme/app:1.4"));
      expect([code, `${stdout}${stderr}`]).toEqual([11, expect.stringContaining("allowLoopbackUnsafe")]);
    });

    it("reads manifests from standard input, and answers as JSON", async () => {
      const { code, stdout } = await verify(["-f", "-", "-o", "json"], manifest(named(unsigned)));
      expect(code).toBe(10);
      expect(JSON.parse(stdout)).toMatchObject({
        version: 1,
        results: [
          {
            image: named(unsigned),
            file: "-",
            line: 7,
            place: 'container "web"',
            decision: "deny",
            objections: [
              { kind: "finding", code: "signature/missing", fix: expect.any(String), retry: false },
            ],
          },
        ],
      });
    });

    it("names pods and namespaces of kubectl get pods -A -o json, and says each image once", async () => {
      const items = [
        ...podsOf(named(unsigned), "shop", ["web-1", "web-2", "web-3", "web-4", "web-5", "web-6"]),
        ...podsOf(named(unsigned), "prod", ["db"]),
      ];
      write("pods.json", JSON.stringify({ apiVersion: "v1", kind: "List", items }));
      const { code, stdout } = await verify(["-f", "pods.json"]);
      expect(code).toBe(10);
      expect(stdout.match(/^refused /gm)).toHaveLength(2);
      expect(stdout).toMatch(
        /^refused \S* *\S+ pods\.json:1 Pod shop\/web-1 container "c"\n {2}also at .*Pod shop\/web-2 .*Pod shop\/web-4 container "c", 2 more\n/,
      );
      expect(stdout).toMatch(/^refused .* Pod prod\/db container "c"\n {4}- it has no signature/m);
      const { results } = JSON.parse((await verify(["-f", "pods.json", "-o", "json"])).stdout);
      expect(results).toHaveLength(7);
      expect(results[6]).toMatchObject({ object: "Pod prod/db", namespace: "prod" });
    });

    it("judges an object for the namespace that it names, and others for --namespace", async () => {
      const rules = JSON.parse(world.policy);
      rules.rules[0].namespaces = ["prod-*"];
      write("prod.yaml", JSON.stringify({ ...rules, unmatched: "allow" }));
      const flags = ["verify", "--policy", "prod.yaml", ...REGISTRIES, "-f", "-"];
      const inProduction = manifest(named(unsigned)).replace(
        "spec:",
        "metadata: { namespace: prod-eu }\nspec:",
      );
      expect((await mc(flags, inProduction)).code).toBe(10);
      expect((await mc(flags, manifest(named(unsigned)))).code).toBe(0);
      expect((await mc([...flags, "--namespace", "prod-us"], manifest(named(unsigned)))).code).toBe(10);
    });

    it("writes SARIF that names file and line", async () => {
      write("pod.yaml", manifest(named(unsigned)));
      const { code, stdout } = await verify(["-f", "pod.yaml", "-o", "sarif"]);
      expect(code).toBe(10);
      const [run] = JSON.parse(stdout).runs;
      expect(run.results[0]).toMatchObject({
        ruleId: "signature/missing",
        locations: [
          { physicalLocation: { artifactLocation: { uri: "pod.yaml" }, region: { startLine: 7 } } },
        ],
      });
    });

    it("--at decides as of that time", async () => {
      const waiver = `{ id: W-1, class: signature, digest: "${unsigned}", owners: [shop], reason: "The signer is rebuilt this week.", created: 2026-11-20T00:00:00Z, ttl: 2d }`;
      write("waivers.yaml", `waivers: [${waiver}]`);
      const at = (instant: string): Promise<Outcome> =>
        verify(["--waivers", "waivers.yaml", "--at", instant, named(unsigned)]);
      expect(await at("2026-11-21T23:59:59.999Z")).toMatchObject({
        code: 0,
        stdout: expect.stringContaining("W-1"),
        stderr: "Judged as of 2026-11-21T23:59:59.999Z, not as of now.\n",
      });
      expect((await at("2026-11-22T00:00:00Z")).code).toBe(10);
    });

    it.each([
      ["no images", ["verify", "--policy", "policy.yaml"], /nothing to verify/],
      ["no policy", ["verify", "x"], /--policy/],
      ["a policy that is not there", ["verify", "--policy", "gone.yaml", "x"], /gone\.yaml/],
      ["an option that does not exist", ["verify", "--policy", "p", "--polcy", "p"], /--polcy/],
      ["a command that does not exist", ["verfy"], /verfy/],
      [
        "a time without an offset",
        ["verify", "--policy", "policy.yaml", "--at", "2026-11-21", "x"],
        /RFC 3339/,
      ],
    ] as const)("exits 12 for %s, and says so on stderr alone", async (_, args, said) => {
      expect(await mc(args)).toMatchObject({ code: 12, stdout: "", stderr: expect.stringMatching(said) });
    });

    it("exits 12 for a policy that does not parse, with its line", async () => {
      write("broken.yaml", "unmatched: deny\nrules: []\nauthorites: {}\n");
      const { code, stderr } = await mc(["verify", "--policy", "broken.yaml", "x"]);
      expect([code, stderr]).toEqual([12, expect.stringContaining("broken.yaml:3:")]);
    });
  });

  describe("pin", () => {
    it("writes the digest beside the tag and nothing else", async () => {
      const image = `${world.registry.host}/acme/app:1.4`;
      write("pin.yaml", manifest(image));
      expect((await mc(["pin", "--check", ...REGISTRIES, "-f", "pin.yaml"])).code).toBe(10);
      expect((await mc(["pin", ...REGISTRIES, "-f", "pin.yaml"])).code).toBe(0);
      expect(folder.read("pin.yaml")).toBe(manifest(`${image}@${signed}`));
      expect((await mc(["pin", "--check", ...REGISTRIES, "-f", "pin.yaml"])).code).toBe(0);
    });

    it.each([
      ["10 for a tag that is not there", "REGISTRY/acme/app:9", 10, /no such tag/],
      ["11 for a registry that is down", "127.0.0.1:1/acme/app:1", 11, /registry\/unavailable/],
      ["12 for an image that is none", "acme/App:1", 12, /not an image reference/],
    ] as const)("exits %s, and leaves the file alone", async (_, image, code, said) => {
      const text = manifest(image.replace("REGISTRY", world.registry.host));
      write("left.yaml", text);
      const { stdout, stderr, ...outcome } = await mc(["pin", ...REGISTRIES, "-f", "left.yaml"]);
      expect([outcome.code, stdout + stderr]).toEqual([code, expect.stringMatching(said)]);
      expect(folder.read("left.yaml")).toBe(text);
    });
  });

  describe("lint", () => {
    it("exits 0 or 10, and names line and rule", async () => {
      expect(await mc(["policy", "lint", "policy.yaml"])).toMatchObject({
        code: 0,
        stderr: "No problems.\n",
      });
      const { code, stdout } = await mc(["policy", "lint", "-"], "rules: []\nrules: []\n");
      expect([code, stdout]).toEqual([10, expect.stringMatching(/^-:2:1: .*\[duplicate-key\]\n$/)]);
    });

    it("prints a schema that names the document's keys", async () => {
      const { code, stdout } = await mc(["policy", "schema"]);
      expect([code, Object.keys(JSON.parse(stdout).properties)]).toEqual([
        0,
        expect.arrayContaining(["rules"]),
      ]);
    });
  });

  it.each([
    [["revoke", "lint", "r.yaml"], '"mc revoke" is now called "mc revocations"'],
    [["waivers", "canonical", "W-1"], '"mc waivers canonical" is now called "mc waivers payload"'],
  ])("%j: exits 12 and names the new word", async (args, sentence) => {
    expect(await mc(args)).toMatchObject({ code: 12, stderr: expect.stringContaining(sentence) });
  });
});
