import { join } from "node:path";

import type { Cluster } from "./cluster.ts";
import { attestImage, generateKeyPair, signImage, type Signer, slsaProvenance } from "./cosign.ts";
import { pushGateImage } from "./gate-image.ts";
import { helm } from "./helm.ts";
import { pushImage } from "./images.ts";
import { nodeImage } from "./node-image.ts";
import { policyText } from "./policies.ts";
import type { Outcome } from "./process.ts";
import { PROJECT } from "./programs.ts";
import { startSigstore } from "./sigstore.ts";

const IDENTITY = { repository: "acme/app" };
/** The chart that these tests install. */
export const CHART = join(PROJECT, "charts/mc-gate");

/** The release's name, and that of its namespace. */
export const RELEASE = "mc-gate";

/** A gate that can be installed by its chart, and images that it is asked about. */
export interface GateRelease {
  /** Names of an image for pods: one that the policy admits and one that it does not. Both print a word and end. */
  readonly signed: string;
  readonly unsigned: string;
  /** Runs a command of helm (`install`, `upgrade`) with the chart and the values of these tests, and waits. */
  readonly helm: (command: string, ...flags: readonly string[]) => Promise<Outcome>;
  /** The same with the chart in this folder, and without the policy among the values. */
  readonly helmWithoutPolicy: (
    command: string,
    chart: string,
    ...flags: readonly string[]
  ) => Promise<Outcome>;
  /** The text of the policy that admits the signed image alone. */
  readonly policy: string;
  readonly apply: (object: unknown, ...flags: readonly string[]) => Promise<Outcome>;
  /** What went wrong with reviews in the namespace, signed and unsigned in turn, while something else was done. */
  readonly underLoad: (work: () => Promise<unknown>) => Promise<string[]>;
  /** Removes the gate, where it is still there, and the namespace. */
  readonly stop: () => Promise<void>;
}

/** A pod with one container that is never started again. */
export function podOf(name: string, image: string, namespace: string): unknown {
  const spec = { restartPolicy: "Never", containers: [{ name: "main", image }] };
  return { apiVersion: "v1", kind: "Pod", metadata: { name, namespace }, spec };
}

/** Pushes the gate and the images, signs, and makes an enforcing namespace. Installs nothing yet. */
export async function prepareRelease(cluster: Cluster, namespace: string): Promise<GateRelease> {
  const [sigstore, keys] = await Promise.all([startSigstore(), generateKeyPair()]);
  const { inside, outside } = cluster.registry!;
  const signer: Signer = { kind: "keyless", sigstore, identity: IDENTITY };
  const [good, bad] = [await pushPrinting(outside, "signed"), await pushPrinting(outside, "unsigned")];
  await signImage(`${outside}/${good}`, signer, "bundle");
  await attestImage(`${outside}/${good}`, signer, "bundle", slsaProvenance(IDENTITY));
  const [signed, unsigned] = [`${inside}/${good}`, `${inside}/${bad}`];
  await cluster.kubectlOk(["create", "namespace", namespace]);
  await cluster.kubectlOk(["label", "namespace", namespace, "mc-gate.dev/mode=enforce"]);
  const policy = policyText({ sigstore, keys, identity: IDENTITY, images: [`${inside}/acme/*`] });
  const bare = ["--namespace", RELEASE, "--set-json", await valuesOf(cluster.registry!)];
  const apply: GateRelease["apply"] = (object, ...flags) =>
    cluster.kubectl(["apply", "-f", "-", ...flags], { stdin: JSON.stringify(object) });
  const helmWithoutPolicy: GateRelease["helmWithoutPolicy"] = (command, chart, ...flags) =>
    helm(cluster.kubeconfig, [command, RELEASE, chart, ...bare, "--wait", "--timeout", "120s", ...flags]);
  const withPolicy = ["--set-json", `policy=${JSON.stringify({ text: policy })}`];
  return {
    signed,
    unsigned,
    policy,
    apply,
    helm: (command, ...flags) => helmWithoutPolicy(command, CHART, ...withPolicy, ...flags),
    helmWithoutPolicy,
    underLoad: (work) => underLoad({ apply, signed, unsigned, namespace }, work),
    stop: async () => {
      const flags = ["--namespace", RELEASE, "--ignore-not-found", "--wait"];
      await helm(cluster.kubeconfig, ["uninstall", RELEASE, ...flags]);
      await cluster.kubectl(["delete", "namespace", namespace, "--wait=false"]);
      await Promise.all([sigstore.stop(), keys.stop()]);
    },
  };
}

/** Pushes the gate's image; gives what the chart is told, as `--set-json` has it. */
async function valuesOf({ inside, outside }: NonNullable<Cluster["registry"]>): Promise<string> {
  const { digest } = await pushGateImage(outside);
  const settings = {
    registries: { hosts: { [inside]: { plainHttpUnsafe: true } } },
    tuf: { enabled: false },
  };
  return [
    `image=${JSON.stringify({ repository: `${inside}/mc-gate`, digest })}`,
    `settings=${JSON.stringify(settings)}`,
  ].join(",");
}

/** Pushes an image that prints a word; gives its name without the registry. */
async function pushPrinting(registry: string, text: string): Promise<string> {
  const main = { path: "/app/main.js", text: `console.log(${JSON.stringify(text)})` };
  return (await pushImage(registry, "acme/app", await nodeImage([main], main.path))).name;
}

async function underLoad(
  {
    apply,
    signed,
    unsigned,
    namespace,
  }: Pick<GateRelease, "apply" | "signed" | "unsigned"> & { readonly namespace: string },
  work: () => Promise<unknown>,
): Promise<string[]> {
  const stop = new AbortController();
  const wrong: string[] = [];
  let right = 0;
  const load = async (name: string): Promise<void> => {
    for (let at = 0; !stop.signal.aborted; at++) {
      const isGood = at % 2 === 0;
      const answer = await apply(
        podOf(`${name}-${at}`, isGood ? signed : unsigned, namespace),
        "--dry-run=server",
      );
      const isRight = isGood
        ? answer.code === 0
        : answer.code !== 0 && answer.stderr.includes("signature/missing");
      if (isRight) right += 1;
      else wrong.push(`${isGood ? "a signed" : "an unsigned"} image: ${answer.code} ${answer.stderr}`);
    }
  };
  const running = [load("a"), load("b")];
  try {
    await work();
  } finally {
    stop.abort();
    await Promise.all(running);
  }
  return right === 0 ? [...wrong, "there was no load"] : wrong;
}
