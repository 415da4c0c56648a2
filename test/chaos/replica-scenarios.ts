import { setTimeout as pause } from "node:timers/promises";

import { makeServingCertificate } from "../e2e/support/certificates.ts";
import { RELEASE } from "../e2e/support/gate-release.ts";
import type { Replica } from "./replicas.ts";
import type { Scenario } from "./scenario.ts";
import type { World } from "./world.ts";

const CLOCK = "/tmp/chaos-clock";
const WORKER_ENDS = "/tmp/chaos-worker-ends";
const FILLER = "/tmp/evidence/filler";
const DAY_MS = 24 * 3_600_000;

/** Does something to every replica. */
async function onEach({ replicas }: World, act: (replica: Replica) => Promise<unknown>): Promise<void> {
  for (const replica of await replicas.list()) await act(replica);
}

const BETWEEN_MS = 4000;
const KILLS = 5;
const MAX_ROUNDS = 20;
let kills = 0;

/** The kubelet waits longer before each restart, so that a round may find one replica alone: without it there is no gate. */
const killed: Scenario = {
  name: "replica-killed",
  fault: `every 4 s one of the replicas in turn is killed with -9, once the other is ready, ${KILLS} times`,
  seconds: 0,
  inject: async ({ replicas }) => {
    kills = 0;
    for (let round = 0; kills < KILLS && round < MAX_ROUNDS; round += 1) {
      const ready = (await replicas.list()).toSorted((a, b) => (a.name < b.name ? -1 : 1));
      const isComplete = ready.length > 1;
      if (isComplete) await replicas.signal(ready[kills++ % ready.length]!, "KILL");
      await pause(BETWEEN_MS);
    }
  },
  mayFail: {
    most: 2 * KILLS,
    because:
      "connections to a process that was killed are refused until the node has noticed, and the API server asks once",
  },
  whileBroken: () => Promise.resolve(kills < KILLS ? [`only ${kills} were killed`] : []),
  heal: () => Promise.resolve(),
};

const frozen: Scenario = {
  name: "replica-frozen",
  fault: "one replica stands still for 4 s, three times",
  seconds: 0,
  inject: async ({ replicas }) => {
    for (const replica of (await replicas.list()).slice(0, 1)) {
      for (let round = 0; round < 3; round += 1) {
        await replicas.signal(replica, "STOP");
        await pause(BETWEEN_MS);
        await replicas.signal(replica, "CONT");
        await pause(BETWEEN_MS);
      }
    }
  },
  heal: () => Promise.resolve(),
};

let oldCertificate = "";

const certificate: Scenario = {
  name: "certificate",
  fault: "authority and certificate are issued anew",
  seconds: 10,
  inject: async (world) => {
    oldCertificate = await certificateIn(world);
    // A certificate that the authority did not issue makes the replicas issue both anew.
    const { certificate: cert, key } = await makeServingCertificate([`${RELEASE}.${RELEASE}.svc`]);
    const data = { "tls.crt": base64(cert), "tls.key": base64(key) };
    const patch = JSON.stringify({ data });
    await world.cluster.kubectlOk([
      "-n",
      RELEASE,
      "patch",
      "secret",
      `${RELEASE}-tls`,
      "--type=merge",
      "-p",
      patch,
    ]);
  },
  heal: () => Promise.resolve(),
  isOver: async (world) => (await certificateIn(world)) !== oldCertificate,
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function certificateIn({ cluster }: World): Promise<string> {
  const path = "jsonpath={.data.ca\\.crt}";
  return cluster.kubectlOk(["-n", RELEASE, "get", "secret", `${RELEASE}-tls`, "-o", path]);
}

function clockOf(name: string, fault: string, offMs: number): Scenario {
  return {
    name: `clock-${name}`,
    fault,
    seconds: 10,
    inject: async ({ replicas }) => {
      for (const replica of (await replicas.list()).slice(0, 1))
        await replicas.write(replica, CLOCK, String(offMs));
    },
    heal: (world) => onEach(world, (replica) => world.replicas.write(replica, CLOCK, undefined)),
  };
}

const diskFull: Scenario = {
  name: "disk-full",
  fault: "the evidence folder's disk is full on both replicas",
  seconds: 15,
  inject: (world) =>
    onEach(world, ({ pid }) =>
      world.programs.inside(
        `dd if=/dev/zero of=/proc/${pid}/root${FILLER} bs=64k status=none 2> /dev/null || true`,
      ),
    ),
  heal: (world) => onEach(world, (replica) => world.replicas.write(replica, FILLER, undefined)),
  isOver: async (world) => {
    const left: string[] = [];
    await onEach(world, async ({ pid }) => {
      left.push(
        await world.programs.inside(
          `find /proc/${pid}/root/tmp/evidence -name '*.unfinished' ! -newermt '5 seconds ago'`,
        ),
      );
    });
    return left.every((text) => text.trim() === "");
  },
};

const workers: Scenario = {
  name: "workers",
  fault: "every thread that verifies ends after 0.6 s of work, for 10 s, on both replicas",
  seconds: 10,
  inject: (world) => onEach(world, (replica) => world.replicas.write(replica, WORKER_ENDS, "1")),
  heal: (world) => onEach(world, (replica) => world.replicas.write(replica, WORKER_ENDS, undefined)),
};

/** What may happen to the gate's own processes. */
export const REPLICA_SCENARIOS: readonly Scenario[] = [
  killed,
  frozen,
  certificate,
  clockOf("ahead", "one replica's clock is two days ahead, and then right again", 2 * DAY_MS),
  clockOf("behind", "one replica's clock is an hour behind, and then right again", -DAY_MS / 24),
  diskFull,
  workers,
];
