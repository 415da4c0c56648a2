import { setTimeout as pause } from "node:timers/promises";

import { RELEASE } from "../e2e/support/gate-release.ts";
import { type Scenario } from "./scenario.ts";
import { NAMESPACE, type World } from "./world.ts";

const CONFIGURATION = "validatingwebhookconfiguration";
/** More than the replicas that the API server may choose from, by far. */
const ASKED = 12;

/** Whether a pod with this image is refused for this reason, whichever replica is asked. */
async function isRefused({ api }: World, image: string, code: string): Promise<boolean> {
  const answers = await Promise.all(Array.from({ length: ASKED }, () => api.create(NAMESPACE, image)));
  return answers.every(({ message }) => message.includes(`[${code}`));
}

async function admits({ api }: World, image: string): Promise<boolean> {
  return (await api.create(NAMESPACE, image)).answer?.allowed === true;
}

/** Drops what replicas send to the API server, silently, or lets it through again. */
async function cutWatches({ programs, cluster }: World): Promise<void> {
  const port = new URL(
    (await cluster.kubectlOk(["config", "view", "-o", "jsonpath={.clusters[0].cluster.server}"])).trim(),
  ).port;
  await programs.inside(
    "nft add table inet chaos; nft 'add chain inet chaos cut { type filter hook input priority -10; }'; " +
      `nft add rule inet chaos cut ip saddr 10.244.0.0/24 tcp dport ${port} drop`,
  );
}

const apiServer: Scenario = {
  name: "api-server",
  fault: "the API server is killed, and started again 5 s later",
  seconds: 5,
  inject: ({ programs }) => programs.kill("kube-apiserver"),
  heal: ({ programs }) => programs.start("kube-apiserver"),
};

const etcd: Scenario = {
  name: "etcd",
  fault: "etcd stands still for a minute",
  seconds: 60,
  inject: ({ programs }) => programs.signal("etcd", "STOP"),
  heal: ({ programs }) => programs.signal("etcd", "CONT"),
};

/** The edit that is made while nobody hears of it. */
let revoked = "";

const watches: Scenario = {
  name: "watches",
  fault: "what replicas send to the API server is dropped for 20 s; an image is revoked meanwhile",
  seconds: 20,
  inject: async (world) => {
    revoked = world.images.fresh("key");
    await cutWatches(world);
    await world.setDocument("revocations", revocationOf(revoked));
  },
  heal: ({ programs }) => programs.inside("nft delete table inet chaos"),
  isOver: (world) => isRefused(world, revoked, "revocation/digest"),
};

function revocationOf(image: string): string {
  const digest = image.slice(image.indexOf("@") + 1);
  const reason = "The build that made it was broken into.";
  const entry = { id: "R-chaos", digest, reason, created: new Date().toISOString() };
  return JSON.stringify({ revocations: [entry] });
}

let configuration = "";

const brokenPolicy: Scenario = {
  name: "policy-damaged",
  fault: "past the guard, half a policy gets into the ConfigMap",
  seconds: 15,
  inject: async (world) => {
    const { kubectlOk } = world.cluster;
    configuration = await kubectlOk(["get", CONFIGURATION, RELEASE, "-o", "json"]);
    const { webhooks } = JSON.parse(configuration) as { webhooks: readonly { name: string }[] };
    const others = webhooks.filter(({ name }) => !name.endsWith("guard.mc-gate.dev"));
    await patchWebhooks(world, others);
    await pause(1500); // until the API server knows
    await world.setDocument("policy", world.documents().policy.slice(0, 500));
  },
  heal: async (world) => {
    await world.setDocument("policy", world.documents().policy);
    await patchWebhooks(world, (JSON.parse(configuration) as { webhooks: readonly unknown[] }).webhooks);
  },
};

async function patchWebhooks({ cluster }: World, webhooks: readonly unknown[]): Promise<void> {
  const patch = JSON.stringify({ webhooks });
  await cluster.kubectlOk(["patch", CONFIGURATION, RELEASE, "--type=merge", "-p", patch]);
}

const TRUST_CHANGES = 4;

const trust: Scenario = {
  name: "trust-root",
  fault: "the trust root is swapped four times, the last time for one that vouches for no certificate",
  seconds: 10,
  images: (images) => ({ ...images, fresh: () => images.fresh("key") }),
  inject: async (world) => {
    for (let salt = 1; salt < TRUST_CHANGES; salt += 1) {
      await world.setDocument("policy", world.documents(salt).policy);
      await pause(2000);
    }
    await world.setDocument("policy", withoutAuthorities(world.documents(TRUST_CHANGES).policy));
    await pause(2000);
  },
  whileBroken: async (world) =>
    (await admits(world, world.images.fresh("keyless")))
      ? ["a certificate of no authority was believed"]
      : [],
  heal: (world) => world.setDocument("policy", world.documents().policy),
  isOver: (world) => admits(world, world.images.fresh("keyless")),
};

/** The policy with trust roots in which other authorities stand than those that issued the certificates. */
function withoutAuthorities(policy: string): string {
  const parsed = JSON.parse(policy) as {
    authorities: { release: { keyless: { trustRoot: string; identity: string } } };
  };
  parsed.authorities.release.keyless.identity =
    "https://github.com/acme/app/.github/workflows/other.yml@refs/heads/main";
  return JSON.stringify(parsed);
}

/** What may happen to the cluster around the gate, and to what operators write. */
export const CLUSTER_SCENARIOS: readonly Scenario[] = [apiServer, etcd, watches, brokenPolicy, trust];
