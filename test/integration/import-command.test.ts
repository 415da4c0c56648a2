import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { parseImageRef } from "../../src/core/index.ts";
import { parsePolicy } from "../../src/policy/index.ts";
import { type ImportWorld, importWorld } from "../support/import-world.ts";
import { type McFolder, mcFolder, type Outcome } from "../support/run-mc.ts";

interface Answer {
  readonly policy: string;
  readonly losses: readonly { readonly line: number; readonly path: string; readonly effect: string }[];
}

describe("mc policy import", { timeout: 60_000 }, () => {
  let world: ImportWorld;
  let folder: McFolder;
  beforeAll(async () => {
    world = await importWorld();
    folder = mcFolder(world.registry);
    folder.write("root.json", world.trustRoots.get("public-good")!);
  });
  afterAll(async () => {
    await world.registry.close();
    folder.remove();
  });

  function run(fixture: string, ...args: readonly string[]): Promise<Outcome> {
    folder.write("foreign.yaml", world.fixture(fixture));
    return folder.mc(["policy", "import", "foreign.yaml", ...args]);
  }

  it("writes a policy that lints, and says that all of it is carried over", async () => {
    const { code, stdout, stderr } = await run("github-actions-keyless");
    expect([code, stderr]).toEqual([0, "Everything was converted.\n"]);
    folder.write("policy.yaml", stdout);
    expect(await folder.mc(["policy", "lint", "policy.yaml"])).toMatchObject({ code: 0 });
    expect(stdout).toContain("# From ClusterImagePolicy signed-by-github-actions.");
    expect(stdout).toContain("source: publicGood");
  });

  it("names each loss with line, path and effect, and exits 10 where something is weaker", async () => {
    const { code, stdout, stderr } = await run("pods-only-warn");
    expect([code, parsePolicy(stdout).ok]).toEqual([10, true]);
    const [match, mode, ...counts] = stderr.trim().split("\n");
    expect(match).toMatch(/^foreign\.yaml:9:5: spec\.match: .* refuses until that is accepted\. \[weaker\]$/);
    expect(mode).toMatch(/^foreign\.yaml:7:9: spec\.mode: .* \[stricter\]$/);
    expect(counts).toEqual([
      expect.stringMatching(/^1 weaker: /),
      expect.stringMatching(/^1 stricter: /),
      "No image can pass pods-of-the-shop: their signers could not be converted.",
    ]);
    expect(stdout).toContain("anyOf: [not-imported]");
  });

  it("exits 0 with --accept-loss-unsafe, and still names what is left out", async () => {
    const { code, stdout, stderr } = await run("pods-only-warn", "--accept-loss-unsafe");
    expect([code, stderr]).toEqual([0, expect.stringContaining("it is left out. [weaker]")]);
    expect(stdout).not.toContain("not-imported");
  });

  it("gives policy and losses as JSON", async () => {
    const { code, stdout, stderr } = await run("vulnerability-scan-cue", "-o", "json");
    const { policy, losses } = JSON.parse(stdout) as Answer;
    expect([code, stderr, parsePolicy(policy).ok]).toEqual([10, "", true]);
    expect(losses).toMatchObject([
      { line: 22, path: "spec.authorities[0].attestations[0].policy", effect: "weaker" },
    ]);
  });

  it("is accepted by the offline gate with the trust root that was given", async () => {
    const { code, stdout } = await run("own-trust-root", "--trust-root", "acme-sigstore=root.json");
    expect([code, parsePolicy(stdout)]).toMatchObject([0, { ok: true }]);
    expect(stdout).toContain("transparencyLogNotRequiredUnsafe: true");
    const without = await run("own-trust-root");
    expect(without.stderr).toContain(
      "--trust-root acme-sigstore=FILE; it accepts no image until then. [stricter]",
    );
    expect(without.stderr).toContain("No image can pass ");
    expect(without.code).toBe(10);
  });

  it.each([
    ["no policy", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: a }\n", "[no-policy]"],
    ["no object", "just text\n", "[no-object]"],
    [
      "a foreign policy of another shape",
      "apiVersion: policy.sigstore.dev/v1beta1\nkind: ClusterImagePolicy\nmetadata: { name: a }\nspec: { images: all }\n",
      "foreign.yaml:4:17: spec.images: ",
    ],
    ["a key that stands twice", "apiVersion: v1\nkind: List\nkind: List\n", "[duplicate-key]"],
  ])("exits 12 for %s", async (_, text, message) => {
    folder.write("foreign.yaml", text);
    const outcome = await folder.mc(["policy", "import", "foreign.yaml"]);
    expect(outcome).toMatchObject({ code: 12, stdout: "", stderr: expect.stringContaining(message) });
  });

  it.each([
    ["registry.example.com*", "registry.example.com/acme/app"],
    ["ghcr*", "ghcr.io/acme/app"],
    ["docker.io/nginx*", "docker.io/library/nginx"],
    ["localhost:5000*", "localhost:5000/app"],
  ])("has a rule for the image that Kyverno's %s matches: %s", async (reference, image) => {
    folder.write(
      "foreign.yaml",
      world
        .fixture("kyverno-keyless-wildcards")
        .replace(/imageReferences:.*(?:\n +- .*)*/, `imageReferences: ["${reference}"]`),
    );
    const { stdout } = await folder.mc(["policy", "import", "foreign.yaml"]);
    const [parsed, ref] = [parsePolicy(stdout), parseImageRef(`${image}@sha256:${"6c".repeat(32)}`)];
    if (!parsed.ok || !ref.ok) throw new Error("neither policy nor image may be unreadable");
    const rules = parsed.value.rulesFor({ image: ref.ref, namespace: "prod-eu" });
    expect(rules.map(({ name }) => name)).toEqual(["verify-acme-release-workflow"]);
  });

  it.each([
    [
      "an OpenShift policy beside",
      "apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: { name: other }\nspec: {}\n",
      10,
      /ClusterImagePolicy: config\.openshift\.io ClusterImagePolicy is not read.*\[weaker\]/,
    ],
    [
      "a ValidatingPolicy beside",
      "apiVersion: policies.kyverno.io/v1\nkind: ValidatingPolicy\nmetadata: { name: other }\nspec: {}\n",
      10,
      /ValidatingPolicy.*\[weaker\]/,
    ],
    [
      "an object of a group that is not known",
      "apiVersion: example.com/v1\nkind: Widget\nmetadata: { name: other }\n",
      0,
      /Widget.*is not read; .*is unknown\. \[differs\]/,
    ],
    [
      "policy-controller's settings that let unmatched images pass",
      "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: config-policy-controller }\ndata: { no-match-policy: allow }\n",
      0,
      /no-match-policy.*\[stricter\]/,
    ],
    [
      "a Namespace",
      "apiVersion: v1\nkind: Namespace\nmetadata: { name: other }\n",
      0,
      /Namespace: .*\[none\]/,
    ],
  ])("says what becomes of %s", async (_, beside, code, message) => {
    folder.write("foreign.yaml", `${world.fixture("public-key-logged")}---\n${beside}`);
    const outcome = await folder.mc(["policy", "import", "foreign.yaml"]);
    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(message) });
  });

  it("names a namesake of another group where it is all there is", async () => {
    folder.write(
      "foreign.yaml",
      "apiVersion: config.openshift.io/v1\nkind: ClusterImagePolicy\nmetadata: { name: a }\n",
    );
    const outcome = await folder.mc(["policy", "import", "foreign.yaml"]);
    expect(outcome).toMatchObject({
      code: 12,
      stderr: expect.stringContaining("ClusterImagePolicy of config.openshift.io cannot be imported."),
    });
  });

  it("does not mix engines whose silence means opposite things", async () => {
    const both = `${world.fixture("public-key-logged")}---\n${world.fixture("kyverno-keyless-wildcards")}`;
    folder.write("foreign.yaml", both);
    const outcome = await folder.mc(["policy", "import", "foreign.yaml"]);
    expect(outcome).toMatchObject({ code: 12, stderr: expect.stringContaining("[mixed]") });
  });

  it.each([["acme-sigstore"], ["acme-sigstore=missing.json"], ["acme-sigstore=foreign.yaml"]])(
    "exits 12 for --trust-root %s",
    async (text) => {
      expect(await run("own-trust-root", "--trust-root", text)).toMatchObject({ code: 12, stdout: "" });
    },
  );
});
