/** A pod as the API server hands it to a webhook: with its defaults filled in and the fields that it manages. */
function podOf(name: string, images: readonly string[], serviceAccountName: string): unknown {
  const containers = images.map((image, at) => containerOf(`c${at}`, image));
  const metadata = metadataOf(
    name,
    containers.map(({ name: key }) => key),
  );
  const spec = { ...POD_DEFAULTS, serviceAccountName, containers };
  return { kind: "Pod", apiVersion: "v1", metadata, spec, status: {} };
}

const POD_DEFAULTS = {
  volumes: [tokenVolume()],
  restartPolicy: "Always",
  terminationGracePeriodSeconds: 30,
  dnsPolicy: "ClusterFirst",
  securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
  schedulerName: "default-scheduler",
  tolerations: ["not-ready", "unreachable"].map((key) => ({
    key: `node.kubernetes.io/${key}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
  })),
  priority: 0,
  enableServiceLinks: true,
  preemptionPolicy: "PreemptLowerPriority",
};

function metadataOf(name: string, containers: readonly string[]): unknown {
  const uid = "5f0c1c1e-6f0e-4a52-8d0e-6a3e0b6f2f11";
  return {
    generateName: `${name}-`,
    namespace: "bench",
    creationTimestamp: null,
    labels: { app: "bench", "app.kubernetes.io/name": "bench", "pod-template-hash": "7d9c5b8f4" },
    annotations: { "prometheus.io/scrape": "true", "prometheus.io/port": "9090" },
    ownerReferences: [
      { apiVersion: "apps/v1", kind: "ReplicaSet", name, uid, controller: true, blockOwnerDeletion: true },
    ],
    managedFields: [managedFields(containers)],
  };
}

function containerOf(name: string, image: string) {
  return {
    name,
    image,
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    env: [{ name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } }],
    resources: { limits: { memory: "256Mi" }, requests: { cpu: "100m", memory: "256Mi" } },
    volumeMounts: [
      { name: "kube-api-access-x7k2p", readOnly: true, mountPath: "/var/run/secrets/kubernetes.io" },
    ],
    readinessProbe: {
      httpGet: { path: "/readyz", port: "http", scheme: "HTTP" },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    },
    terminationMessagePath: "/dev/termination-log",
    terminationMessagePolicy: "File",
    imagePullPolicy: "IfNotPresent",
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
}

function tokenVolume(): unknown {
  const token = { serviceAccountToken: { expirationSeconds: 3607, path: "token" } };
  const authority = { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } };
  return { name: "kube-api-access-x7k2p", projected: { sources: [token, authority], defaultMode: 420 } };
}

function managedFields(names: readonly string[]): unknown {
  const set = { ".": {}, "f:image": {}, "f:imagePullPolicy": {}, "f:name": {}, "f:resources": {} };
  const containers = Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, set]));
  const metadata = { "f:generateName": {}, "f:labels": { ".": {}, "f:app": {}, "f:pod-template-hash": {} } };
  return {
    manager: "kube-controller-manager",
    operation: "Update",
    apiVersion: "v1",
    time: "2026-11-24T10:00:00Z",
    fieldsType: "FieldsV1",
    fieldsV1: { "f:metadata": metadata, "f:spec": { "f:containers": containers, "f:dnsPolicy": {} } },
  };
}

/** The body of an AdmissionReview about a new pod with these images, as the API server writes it. */
export function reviewOf(at: number, images: readonly string[], serviceAccount = "default"): string {
  const kind = { group: "", version: "v1", kind: "Pod" };
  const resource = { group: "", version: "v1", resource: "pods" };
  return JSON.stringify({
    kind: "AdmissionReview",
    apiVersion: "admission.k8s.io/v1",
    request: {
      uid: `00000000-0000-4000-8000-${String(at).padStart(12, "0")}`,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      namespace: "bench",
      operation: "CREATE",
      userInfo: {
        username: "system:serviceaccount:kube-system:replicaset-controller",
        uid: "b8bd1ae3-4ff4-4c5e-b0e2-4d0b4b0f2a64",
        groups: ["system:serviceaccounts", "system:serviceaccounts:kube-system", "system:authenticated"],
      },
      object: podOf(`bench-${at}`, images, serviceAccount),
      oldObject: null,
      dryRun: false,
      options: { kind: "CreateOptions", apiVersion: "meta.k8s.io/v1" },
    },
  });
}
