import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";

import { type FirstRelease, firstRelease } from "../support/first-release.ts";
import { CHART, type GateRelease, podOf, prepareRelease, RELEASE } from "../support/gate-release.ts";
import { helm } from "../support/helm.ts";
import { pushImage } from "../support/images.ts";
import { nodeImage } from "../support/node-image.ts";
import { eventually, type Outcome, run } from "../support/process.ts";
import { PROJECT } from "../support/programs.ts";
import { cluster, nodeObstacle } from "../support/scenario.ts";
import { dataOf } from "../support/secrets.ts";

const NAMESPACE = "first-release";
/** A namespace without a label: the default mode holds there. */
const UNLABELLED = "first-release-default";
const MIGRATED = "mc-gate-policy-2";
const GUARDED = ["policies", "waivers", "revocations", "enforcement", "settings"];
const BUILD_MS = 1_200_000;

/** The policy in the words of 0.1.0. */
function inOldWords(policy: string): string {
  return policy
    .replaceAll('"sourceRepositoryURI"', '"sourceRepository"')
    .replaceAll('"transparencyLogNotRequiredUnsafe": true', '"transparencyLog": "notRequired"');
}

/** What `mc policy migrate` makes of a policy. */
async function migrated(policy: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "mc-migrate-"));
  try {
    const file = join(folder, "policy.yaml");
    await writeFile(file, policy);
    const args = [join(PROJECT, "src/cli/main.ts"), "policy", "migrate", file];
    const { code, stderr } = await run(process.execPath, args);
    if (code !== 0) throw new Error(stderr);
    return await readFile(file, "utf8");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function valuesFlags(values: object): string[] {
  return Object.entries(values).flatMap(([name, value]) => [
    "--set-json",
    `${name}=${JSON.stringify(value)}`,
  ]);
}

async function textIn(configMap: string, key: string): Promise<string> {
  const get = ["-n", RELEASE, "get", "configmap", configMap, "-o", "json"];
  return JSON.parse(await cluster().kubectlOk(get)).data[key];
}

async function defaultMode(): Promise<string> {
  return parse(await textIn(`${RELEASE}-settings`, "settings.yaml")).cluster.defaultMode;
}

interface Webhook {
  readonly name: string;
  readonly failurePolicy: string;
  readonly clientConfig: { readonly caBundle?: string; readonly service: { readonly path: string } };
}

/** The webhooks, each with its failure policy, its path, and whether it trusts the authority of the certificate in use. */
async function webhooks(): Promise<readonly string[]> {
  const get = ["get", "validatingwebhookconfiguration", RELEASE, "-o", "json"];
  const found: readonly Webhook[] = JSON.parse(await cluster().kubectlOk(get)).webhooks;
  const authority = (await dataOf(cluster(), `${RELEASE}-tls`))["ca.crt"]!.trim();
  return found.map(({ name, failurePolicy, clientConfig: { caBundle = "", service } }) => {
    const isTrusted = Buffer.from(caBundle, "base64").toString("utf8").includes(authority);
    return `${name} ${failurePolicy} ${service.path} ${isTrusted ? "trusted" : "NOT TRUSTED"}`;
  });
}

describe.skipIf(nodeObstacle)("an upgrade from 0.1.0, whose policy has keys of other names", () => {
  let gate: GateRelease;
  let first: FirstRelease;
  let image: object;
  let oldPolicy: string;

  beforeEach(({ skip }) =>
    skip(process.env["E2E_KUBECONFIG"] !== undefined, "a first version may be installed there"),
  );
  beforeAll(async () => {
    first = await firstRelease();
    gate = await prepareRelease(cluster(), NAMESPACE);
    await cluster().kubectlOk(["create", "namespace", UNLABELLED]);
    const { inside, outside } = cluster().registry!;
    const recipe = await nodeImage([{ path: "/app", from: first.dist }], "/app/mc.js");
    const { digest } = await pushImage(outside, "mc-gate-first", recipe);
    image = { repository: `${inside}/mc-gate-first`, digest };
    oldPolicy = inOldWords(gate.policy);
  }, BUILD_MS);
  afterAll(async () => {
    await gate?.stop();
    await cluster().kubectl(["delete", "namespace", UNLABELLED, "--wait=false"]);
  });

  function installFirst(): Promise<Outcome> {
    const { inside } = cluster().registry!;
    const registries = { hosts: { [inside]: { plainHttp: true } } };
    const values = {
      image,
      settings: { registries, tuf: { enabled: false } },
      policy: { text: oldPolicy },
      defaultMode: "advisory",
      priorityClassName: "", // its chart brings no quota, which this cluster wants for the class
    };
    const flags = ["--namespace", RELEASE, "--create-namespace", "--wait", "--timeout", "120s"];
    return helm(cluster().kubeconfig, ["install", RELEASE, first.chart, ...flags, ...valuesFlags(values)]);
  }

  async function fares(namespace: string, pod: string, how: RegExp): Promise<void> {
    await eventually(`${pod} to fare as ${how.source} in ${namespace}`, async () => {
      const asked = await gate.apply(podOf("probe", pod, namespace), "--dry-run=server");
      return how.test(asked.stderr + asked.stdout) || undefined;
    });
  }

  async function judges(): Promise<void> {
    await fares(NAMESPACE, gate.unsigned, /denied the request[^]*signature\/missing/);
    await fares(NAMESPACE, gate.signed, /^pod\/probe created/);
    await fares(UNLABELLED, gate.unsigned, /Warning: mc-gate[^]*pod\/probe created/);
  }

  it("loses no review, and keeps policy, mode and webhooks, there and back", async () => {
    const installed = await installFirst();
    expect([installed.code, installed.stderr]).toEqual([0, expect.any(String)]);
    await judges();
    const before = await webhooks();
    expect(before).toHaveLength(4);

    const policy = await migrated(oldPolicy);
    expect(JSON.parse(policy)).toEqual(JSON.parse(gate.policy));
    const metadata = { name: MIGRATED, namespace: RELEASE };
    const prepared = { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "policy.yaml": policy } };
    expect(await gate.apply(prepared)).toMatchObject({ code: 0 });

    const lostThere = await gate.underLoad(async () => {
      const ours = ["--reset-values", "--set", `policy.existingConfigMap=${MIGRATED}`];
      const upgraded = await gate.helmWithoutPolicy("upgrade", CHART, ...ours);
      expect([upgraded.code, upgraded.stderr]).toEqual([0, expect.any(String)]);
      await judges();
    });
    expect(lostThere).toEqual([]);
    expect(await textIn(MIGRATED, "policy.yaml")).toBe(policy);
    expect(await defaultMode()).toBe("advisory");
    expect(await webhooks()).toEqual([
      "enforce.mc-gate.dev Fail /validate/enforce trusted",
      "advisory.mc-gate.dev Ignore /validate/advisory trusted",
      "guard.mc-gate.dev Ignore /guard trusted",
      ...GUARDED.map((resource) => `${resource}.guard.mc-gate.dev Fail /guard trusted`),
      "mode.mc-gate.dev Fail /guard/advisory trusted",
    ]);

    const lostBack = await gate.underLoad(async () => {
      const flags = ["--namespace", RELEASE, "--wait", "--timeout", "120s"];
      const back = await helm(cluster().kubeconfig, ["rollback", RELEASE, "1", ...flags]);
      expect([back.code, back.stderr]).toEqual([0, expect.any(String)]);
      await judges();
    });
    expect(lostBack).toEqual([]);
    expect((await textIn(`${RELEASE}-policy`, "policy.yaml")).trim()).toBe(oldPolicy);
    expect(await defaultMode()).toBe("advisory");
    expect(await webhooks()).toEqual(before);
  });
});
