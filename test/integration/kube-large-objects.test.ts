import { afterEach, describe, expect, it } from "vitest";

import { Fault, readJsonParts } from "../../src/core/index.ts";
import {
  type ConnectOptions,
  connect,
  eachRunningPod,
  type KubeClient,
  watchOutOfSync,
} from "../../src/kube/index.ts";
import { runningPod } from "../../src/workloads/index.ts";
import { FAST_TIMING, soon, useKubeFixture } from "../support/kube-fixture.ts";

const APPLICATIONS = "/apis/argoproj.io/v1alpha1/namespaces/argocd/applications";
const PODS = "/api/v1/namespaces/shop/pods";
/** More than is read in the thread that answers. */
const LONG = "x".repeat(300_000);
const IMAGE = `ghcr.io/acme/web@sha256:${"a".repeat(64)}`;
const fixture = useKubeFixture();

type ReadElsewhere = NonNullable<ConnectOptions["readElsewhere"]>;
const clients: KubeClient[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.close())));

function connected(readElsewhere: ReadElsewhere): KubeClient {
  const client = connect({ kubeconfig: fixture().server.kubeconfig, readElsewhere });
  clients.push(client);
  return client;
}

/** A reader in place of the other thread's, which notes what it gave. */
function noting(): { readonly read: ReadElsewhere; readonly given: unknown[] } {
  const given: unknown[] = [];
  const read: ReadElsewhere = (json, parts) => {
    const value = readJsonParts(json, parts);
    given.push(value);
    return Promise.resolve(value);
  };
  return { read, given };
}

function put(revision: string, message: string): void {
  fixture().server.store.put(APPLICATIONS, {
    metadata: { name: "web", namespace: "argocd", uid: "u", annotations: { note: message } },
    spec: { source: { repoURL: "https://git.example/shop" }, destination: {}, project: "p" },
    status: { sync: { status: "OutOfSync", revision }, operationState: { message } },
  });
}

function follow(client: KubeClient): (string | undefined)[] {
  const { onTrouble, stopLater } = fixture();
  const targets: (string | undefined)[] = [];
  const onChange = (_: unknown, target?: string): void => void targets.push(target);
  stopLater(watchOutOfSync({ client, onChange, onTrouble, timing: FAST_TIMING }));
  return targets;
}

describe("objects of which a part is wanted", () => {
  it("are read elsewhere where they are long, in a list and in a watch, and come without the rest", async () => {
    const { read, given } = noting();
    put("a", LONG);
    const targets = follow(connected(read));
    await soon(() => expect(targets).toHaveLength(1));
    put("b", LONG);
    await soon(() => expect(targets).toHaveLength(2));
    expect(given).toHaveLength(2);
    expect(JSON.stringify(given)).not.toContain("xxx");
  });

  it("have the same targets as where they are short and read here", async () => {
    const { read, given } = noting();
    put("a", "");
    const targets = follow(connected(read));
    await soon(() => expect(targets).toHaveLength(1));
    expect(given).toEqual([]);
    put("a", LONG);
    await soon(() => expect(targets).toHaveLength(2));
    expect(targets[1]).toBe(targets[0]);
  });

  it("that cannot be read elsewhere at once are no event that is passed over", async () => {
    const faults = [new Fault("limits/overloaded", "too much is being read")];
    put("a", "");
    const targets = follow(
      connected((json, parts) => {
        const fault = faults.pop();
        return fault === undefined ? Promise.resolve(readJsonParts(json, parts)) : Promise.reject(fault);
      }),
    );
    await soon(() => expect(targets).toHaveLength(1));
    put("b", LONG);
    await soon(() => expect(targets).toHaveLength(2));
    expect(targets[1]).not.toBe(targets[0]);
    expect(
      fixture()
        .troubles.map(({ message }) => message)
        .join(),
    ).toContain("too much is being read");
  });

  it("say the same of a running pod, read elsewhere or here", async () => {
    const container = { name: "app", image: "ghcr.io/acme/web:1", env: [{ name: "LONG", value: LONG }] };
    const volume = { name: "models", image: { reference: "ghcr.io/acme/models:1" } };
    const written = {
      metadata: { name: "web", namespace: "shop", creationTimestamp: "2026-11-01T00:00:00Z" },
      spec: {
        initContainers: [{ ...container, name: "init" }],
        containers: [container],
        ephemeralContainers: [{ ...container, name: "debug" }],
        volumes: [volume],
        serviceAccountName: "deployer",
        imagePullSecrets: [{ name: "pull" }],
      },
      status: {
        initContainerStatuses: [{ name: "init", imageID: IMAGE }],
        containerStatuses: [{ name: "app", imageID: IMAGE }],
        ephemeralContainerStatuses: [{ name: "debug", imageID: IMAGE }],
      },
    };
    fixture().server.store.put(PODS, written);
    const { read, given } = noting();
    const [pod] = await podsOf(connected(read));
    expect(given).toHaveLength(1);
    expect(JSON.stringify(pod)).not.toContain("xxx");
    expect(pod).toMatchObject({ metadata: { creationTimestamp: "2026-11-01T00:00:00Z" } });
    expect(runningPod(pod)).toEqual(runningPod(written));
  });
});

async function podsOf(client: KubeClient): Promise<unknown[]> {
  const pods: unknown[] = [];
  await eachRunningPod(client, (pod) => void pods.push(pod), "shop");
  return pods;
}
