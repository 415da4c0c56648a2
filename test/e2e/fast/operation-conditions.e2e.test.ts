import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { objectsIn, renderChart, webhooksAt } from "../support/chart.ts";
import { startFastCluster, type StartedCluster } from "../support/cluster.ts";
import { eventually, type Outcome } from "../support/process.ts";

const CONTROLLER = "system:serviceaccount:argocd:argocd-application-controller";
const GROUP = "argoproj.io";
const INSTANCE = {
  namespace: "argocd",
  url: "https://argocd-server.argocd.svc",
  tokenFile: "/etc/mc-gate/argocd/token",
};
const ARGO = { enabled: true, settings: { instances: [INSTANCE] }, operationGate: { enabled: true } };
/** Nobody answers here, so that every change about which the webhook is asked fails. */
const NOBODY = "https://127.0.0.1:1";
const ASKED = { code: 1, stderr: expect.stringContaining('"operations.mc-gate.dev"') };

const DEFINITION = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: `applications.${GROUP}` },
  spec: {
    group: GROUP,
    scope: "Namespaced",
    names: { kind: "Application", plural: "applications" },
    versions: [
      {
        name: "v1alpha1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      },
    ],
  },
};

const SOURCE = { repoURL: "https://git.example/shop", path: "." };
const ONE = { source: SOURCE, revision: "a" };
const OTHER = { source: SOURCE, revision: "other" };
const MANY = { sources: [SOURCE, SOURCE], revisions: ["a", "b"] };

function stateOf(sync: object, more: object = {}): object {
  return { phase: "Running", operation: { sync }, ...more };
}

interface Change {
  readonly what: string;
  /** The operation that waits. */
  readonly sync?: object;
  readonly from?: object;
  readonly to: object;
}

/** What the controller writes of an operation that it was asked for. */
const OWN: readonly Change[] = [
  { what: "takes it up", to: stateOf(ONE) },
  { what: "says its result", from: stateOf(ONE), to: stateOf(ONE, { syncResult: ONE }) },
  {
    what: "says the result of several sources",
    sync: MANY,
    from: stateOf(MANY),
    to: stateOf(MANY, { syncResult: { ...MANY, source: { repoURL: "" } } }),
  },
  {
    what: "terminates it",
    from: stateOf(ONE, { syncResult: OTHER }),
    to: stateOf(ONE, { syncResult: OTHER, phase: "Terminating" }),
  },
  {
    what: "says a message of a termination",
    from: stateOf(ONE, { phase: "Terminating" }),
    to: stateOf(ONE, { phase: "Terminating", message: "waits" }),
  },
];
const FORGED: readonly Change[] = [
  { what: "another operation", from: stateOf(ONE), to: stateOf(OTHER) },
  { what: "another result", from: stateOf(ONE), to: stateOf(ONE, { syncResult: OTHER }) },
  {
    what: "a result of one source, which the operation has beside its several",
    sync: { ...MANY, ...OTHER },
    from: stateOf({ ...MANY, ...OTHER }),
    to: stateOf({ ...MANY, ...OTHER }, { syncResult: OTHER }),
  },
  { what: "the end of a termination", from: stateOf(ONE, { phase: "Terminating" }), to: stateOf(ONE) },
];
const CHANGES = [...OWN, ...FORGED].map((change, at) => ({ ...change, name: `app-${at}` }));

describe("the webhook for operations on a real API server, for what Argo CD's controller writes", () => {
  let cluster: StartedCluster;

  beforeAll(async () => {
    cluster = await startFastCluster();
    await apply(DEFINITION);
    const definition = `crd/${DEFINITION.metadata.name}`;
    await cluster.kubectlOk(["wait", "--for=condition=Established", definition, "--timeout=30s"]);
    for (const { name, sync = ONE, from } of [...CHANGES, { name: "probe", from: undefined }]) {
      const metadata = { name, namespace: "default" };
      const status = from === undefined ? {} : { operationState: from };
      await apply({
        apiVersion: `${GROUP}/v1alpha1`,
        kind: "Application",
        metadata,
        spec: {},
        operation: { sync },
        status,
      });
    }
    const objects = objectsIn(await renderChart({ argocd: ARGO }));
    const { webhooks, ...configuration } = webhooksAt(NOBODY, objects);
    const own = webhooks.filter((each) => (each as { name: string }).name === "operations.mc-gate.dev");
    await apply({ ...configuration, webhooks: own });
    await eventually(
      "the webhook",
      async () => (await write("probe", stateOf(OTHER))).code !== 0 || undefined,
    );
  });
  afterAll(() => cluster?.stop());

  async function apply(object: object): Promise<void> {
    await cluster.kubectlOk(["apply", "--server-side", "-f", "-"], { stdin: JSON.stringify(object) });
  }

  function write(name: string, value: object): Promise<Outcome> {
    const patch = JSON.stringify([{ op: "add", path: "/status/operationState", value }]);
    const user = [`--as=${CONTROLLER}`, "--as-group=system:masters"];
    return cluster.kubectl(["patch", "application", name, ...user, "--type=json", "-p", patch]);
  }

  it.for(CHANGES.slice(0, OWN.length))("is not asked where it $what", async ({ name, to }) => {
    expect(await write(name, to)).toMatchObject({ code: 0, stderr: "" });
  });

  it.for(CHANGES.slice(OWN.length))("is asked about $what", async ({ name, to }) => {
    expect(await write(name, to)).toMatchObject(ASKED);
  });
});
