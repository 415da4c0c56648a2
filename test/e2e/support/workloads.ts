/** What an object is called and which image it runs. */
export interface WorkloadOptions {
  readonly name: string;
  readonly namespace: string;
  readonly image: string;
}

interface Parts {
  readonly metadata: object;
  readonly template: object;
  readonly selector: object;
}

const OBJECTS: Readonly<Record<string, (parts: Parts) => object>> = {
  PodTemplate: ({ metadata, template }) => ({ apiVersion: "v1", metadata, template }),
  ReplicationController: ({ metadata, template }) => ({
    apiVersion: "v1",
    metadata,
    spec: { replicas: 0, selector: { app: "web" }, template },
  }),
  ReplicaSet: ({ metadata, template, selector }) => ({
    apiVersion: "apps/v1",
    metadata,
    spec: { replicas: 0, selector, template },
  }),
  Deployment: ({ metadata, template, selector }) => ({
    apiVersion: "apps/v1",
    metadata,
    spec: { replicas: 0, selector, template },
  }),
  StatefulSet: ({ metadata, template, selector }) => ({
    apiVersion: "apps/v1",
    metadata,
    spec: { replicas: 0, serviceName: "web", selector, template },
  }),
  DaemonSet: ({ metadata, template, selector }) => ({
    apiVersion: "apps/v1",
    metadata,
    spec: { selector, template },
  }),
  Job: ({ metadata, template }) => ({
    apiVersion: "batch/v1",
    metadata,
    spec: { template: onceOnly(template), suspend: true },
  }),
  CronJob: ({ metadata, template }) => ({
    apiVersion: "batch/v1",
    metadata,
    spec: { schedule: "0 0 1 1 *", jobTemplate: { spec: { template: onceOnly(template) } } },
  }),
};

/** Every kind with a pod template. */
export const WORKLOAD_KINDS: readonly string[] = Object.keys(OBJECTS);

/** An object of a kind; replicas 0, so that it is judged for itself and not for its pods. */
export function objectsOf(kind: string, { name, namespace, image }: WorkloadOptions): unknown {
  const labels = { app: "web" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "web", image }] } };
  const parts = { metadata: { name, namespace }, template, selector: { matchLabels: labels } };
  return { kind, ...OBJECTS[kind]!(parts) };
}

function onceOnly(template: object): object {
  const { spec } = template as { readonly spec: object };
  return { ...template, spec: { ...spec, restartPolicy: "Never" } };
}
