import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { runStep, scriptOf, type StepOutcome } from "../../support/workflow-steps.ts";
import { attestImage, signImage, slsaProvenance, type Predicate, type Signer } from "../support/cosign.ts";
import { GITHUB_ISSUER, type WorkflowIdentity } from "../support/identities.ts";
import { pushImage, textImage } from "../support/images.ts";
import { program, PROJECT } from "../support/programs.ts";
import { type RegistryServer, startRegistry } from "../support/registries.ts";
import { type SigstoreServer, startSigstore } from "../support/sigstore.ts";

const FILE = "release-verify.yml";
const REPOSITORY = "acme/app";
const BUILDERS = "acme/mc.gate";
const COMMIT = "c".repeat(40);
const BUILD: WorkflowIdentity = {
  repository: REPOSITORY,
  workflowRepository: BUILDERS,
  workflow: "_reusable-build.yml",
  ref: "refs/tags/v1.2.3",
};
const SBOM: Predicate = {
  type: "cyclonedx",
  predicate: {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    components: [{ type: "library", name: "a", version: "1" }],
  },
};
const OLD_PROVENANCE: Predicate = {
  type: "slsaprovenance",
  predicate: { builder: { id: "x" }, buildType: "y" },
};

/** Who signs the image, and who attests what. */
interface Made {
  readonly signer?: WorkflowIdentity | undefined;
  readonly attested?: readonly (readonly [WorkflowIdentity, Predicate])[];
}

const GOOD: Made = {
  signer: BUILD,
  attested: [
    [BUILD, slsaProvenance(BUILD)],
    [BUILD, SBOM],
  ],
};

function by(differing: Partial<WorkflowIdentity>): Made {
  const identity = { ...BUILD, ...differing };
  return {
    signer: identity,
    attested: [
      [identity, slsaProvenance(identity)],
      [identity, SBOM],
    ],
  };
}

const OTHER = { ...BUILD, repository: "acme/other" };

const WRONG: readonly (readonly [string, Made])[] = [
  ["is not signed", { attested: GOOD.attested! }],
  ["is signed by another workflow of the shared repository", by({ workflow: "_reusable-ci-security.yml" })],
  ["is signed by a workflow of the repository itself", by({ workflowRepository: REPOSITORY })],
  ["is signed by a repository whose name fits without the dot", by({ workflowRepository: "acme/mc-gate" })],
  ["is signed by a branch of the build workflow", by({ ref: "refs/heads/main" })],
  ["is signed by a tag that only begins like a release", by({ ref: "refs/tags/v1.2.3-rc" })],
  ["is signed by another commit of the build workflow", by({ ref: "d".repeat(40) })],
  ["is another repository's, signed by the same workflow", by({ repository: "acme/other" })],
  ["has a certificate of another issuer", by({ issuer: "https://issuer.test" })],
  ["has no provenance", { signer: BUILD, attested: [[BUILD, SBOM]] }],
  [
    "has provenance of an old type alone",
    {
      signer: BUILD,
      attested: [
        [BUILD, OLD_PROVENANCE],
        [BUILD, SBOM],
      ],
    },
  ],
  [
    "has another repository's provenance",
    {
      signer: BUILD,
      attested: [
        [OTHER, slsaProvenance(OTHER)],
        [BUILD, SBOM],
      ],
    },
  ],
  ["has no SBOM", { signer: BUILD, attested: [[BUILD, slsaProvenance(BUILD)]] }],
];

let sigstore: SigstoreServer;
let registry: RegistryServer;
let folder: string;
let good: { readonly name: string; readonly digest: string };

/** A program of the runner's, with the arguments that this machine needs. */
async function wrapped(name: string, real: string, extra: string): Promise<void> {
  const path = join(folder, "bin", name);
  await writeFile(path, `#!/bin/sh\nexec "${real}" "$@" ${extra}\n`);
  await chmod(path, 0o755);
}

function policyFor(minComponents: number): string {
  const identity = {
    pattern: `^https://github\\.com/acme/mc\\.gate/\\.github/workflows/_reusable-build\\.yml@.*$`,
  };
  const keyless = { trustRoot: "test", issuer: GITHUB_ISSUER, identity };
  const anyOf = ["build"];
  return JSON.stringify({
    trustRoots: { test: { source: "file", path: sigstore.trustedRoot } },
    authorities: { build: { keyless } },
    rules: [
      { name: "all", images: ["**"], require: { signature: { anyOf }, sbom: { anyOf, minComponents } } },
    ],
  });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "mc-release-"));
  sigstore = await startSigstore();
  registry = await startRegistry({ referrers: true });
  for (const name of ["bin", "source", "source/policy"]) await mkdir(join(folder, name));
  await symlink(PROJECT, join(folder, "gate"));
  const root = `--trusted-root "${sigstore.trustedRoot}"`;
  await wrapped("cosign", program("cosign"), `${root} --allow-http-registry --allow-insecure-registry`);
  const hosts = { [registry.host]: { plainHttpUnsafe: true, allowLoopbackUnsafe: true } };
  await writeFile(join(folder, "registries.yaml"), JSON.stringify({ hosts }));
  const trust = `--registries "${join(folder, "registries.yaml")}" --trust-root "test=${sigstore.trustedRoot}"`;
  await wrapped("node", process.execPath, trust);
  await writeFile(join(folder, "source/policy/policy.yaml"), policyFor(1));
  await writeFile(join(folder, "source/policy/strict.yaml"), policyFor(1000));
  good = await push("good", GOOD);
});

afterAll(async () => {
  await Promise.all([sigstore.stop(), registry.stop()]);
  await rm(folder, { recursive: true, force: true });
});

function keylessBy(identity: WorkflowIdentity): Signer {
  return { kind: "keyless", sigstore, identity };
}

async function push(
  text: string,
  { signer, attested = [] }: Made,
): Promise<{ name: string; digest: string }> {
  const { name, digest } = await pushImage(registry.host, "app", textImage(text));
  const image = `${registry.host}/${name}`;
  if (signer !== undefined) await signImage(image, keylessBy(signer), "bundle");
  for (const [identity, what] of attested) await attestImage(image, keylessBy(identity), "bundle", what);
  return { name: `${registry.host}/app`, digest };
}

/** Runs a step of the job `verify` about an image. */
function step(title: string, env: Readonly<Record<string, string>>): Promise<StepOutcome> {
  const PATH = `${join(folder, "bin")}:${process.env["PATH"]}`;
  const contexts = { REPOSITORY, BUILDERS, COMMIT, POLICY: "policy/policy.yaml", NAMESPACE: "default" };
  return runStep(scriptOf(FILE, "verify", title), { cwd: folder, env: { ...contexts, PATH, ...env } });
}

function cosignStep(image: { name: string; digest: string }): Promise<StepOutcome> {
  return step("Signature, provenance and SBOM by cosign", { NAME: image.name, DIGEST: image.digest });
}

async function evidence(name: string): Promise<string> {
  return readFile(join(folder, "evidence", name), "utf8");
}

describe("release-verify about an image that the build workflow signed", () => {
  it("finds its signature, provenance and SBOM, and keeps them", async () => {
    const { code, stderr } = await cosignStep(good);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(await evidence("signature.json")).toContain(good.digest);
    for (const type of ["signature", "slsaprovenance1", "cyclonedx"])
      expect((await evidence(`${type}.jsonl`)).length).toBeGreaterThan(100);
  });

  it("takes one that is signed by the very commit of this workflow", async () => {
    const image = await push("by commit", by({ ref: COMMIT }));
    expect(await cosignStep(image)).toMatchObject({ code: 0 });
  });

  it("asks the policy, and writes the summary and the sums of the evidence", async () => {
    await cosignStep(good);
    const env = { NAME: good.name, DIGEST: good.digest };
    expect(await step("The policy by mc verify", env)).toMatchObject({ code: 0 });
    expect(JSON.parse(await evidence("verify.json"))).toMatchObject({ results: [{ decision: "allow" }] });
    const { code, summary } = await step("Summary and evidence", env);
    expect([code, summary.includes(good.digest)]).toEqual([0, true]);
    expect(JSON.parse(await evidence("summary.json"))).toMatchObject({
      verifier: { id: `https://github.com/${BUILDERS}/.github/workflows/release-verify.yml` },
      resourceUri: `oci://${good.name}`,
      verificationResult: "PASSED",
      policy: { digest: { sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string } },
    });
    const sums = (await evidence("SHA256SUMS")).trim().split("\n");
    expect(sums.map((line) => line.slice(66)).toSorted()).toEqual([
      "cyclonedx.jsonl",
      "policy.yaml",
      "signature.json",
      "signature.jsonl",
      "slsaprovenance1.jsonl",
      "summary.json",
      "verify.json",
    ]);
  });

  it("fails where the policy refuses it", async () => {
    const env = { NAME: good.name, DIGEST: good.digest, POLICY: "policy/strict.yaml" };
    expect(await step("The policy by mc verify", env)).toMatchObject({ code: 10 });
  });

  it.each(["../policy.yaml", "/etc/passwd", "policy/../../x.yaml", "a b", "$(id)"])(
    "takes no policy from outside of the repository: %s",
    async (POLICY) => {
      const env = { NAME: good.name, DIGEST: good.digest, POLICY };
      expect(await step("The policy by mc verify", env)).toMatchObject({ code: 1 });
    },
  );
});

describe("release-verify refuses an image that", () => {
  it.for(WRONG)("%s", async ([title, made]) => {
    const image = await push(title, made);
    const { code, stdout, stderr } = await cosignStep(image);
    expect({ code, stdout, stderr }).not.toMatchObject({ code: 0 });
    expect(stderr).toMatch(
      /none of the (?:attestations matched|expected identities)|no signatures found|no matching/i,
    );
  });

  it("is not there", async () => {
    expect(await cosignStep({ name: good.name, digest: `sha256:${"0".repeat(64)}` })).not.toMatchObject({
      code: 0,
    });
  });
});

/** Runs the step that reads the inputs, in a repository with capitals. */
function about(IMAGE: string, DIGEST: string): Promise<StepOutcome> {
  return step("The image by its digest", { IMAGE, DIGEST, REPOSITORY: "Acme/App" });
}

describe("the image that release-verify is given", () => {
  const DIGEST = `sha256:${"a".repeat(64)}`;

  it("is the repository's own in lower case, unless it is named", async () => {
    expect(await about("", DIGEST)).toMatchObject({
      code: 0,
      outputs: { name: "ghcr.io/acme/app", digest: DIGEST },
    });
    expect(await about("ghcr.io/acme/a_b/c-d", DIGEST)).toMatchObject({
      outputs: { name: "ghcr.io/acme/a_b/c-d" },
    });
  });

  it.each([
    ["", "latest"],
    ["", "sha256:abc"],
    ["", `${DIGEST}0`],
    ["", `${DIGEST}\nname=x`],
    ["", `sha256:${"A".repeat(64)}`],
    ["ghcr.io/acme/app:1", DIGEST],
    ["ghcr.io/acme/app@sha256:1", DIGEST],
    ["app", DIGEST],
    ["--output=x/y", DIGEST],
    ["ghcr.io/acme/$(id)", DIGEST],
    ["ghcr.io/acme/../app", DIGEST],
    ["ghcr.io/acme/app\nx", DIGEST],
  ])("is refused where it is none: %j by %j", async (image, digest) => {
    expect(await about(image, digest)).toMatchObject({ code: 1, outputs: {} });
  });
});
