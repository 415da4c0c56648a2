import { z } from "zod";

import { Duration, type Mode, MODES } from "../../core/index.ts";
import { ApiVersion } from "../../documents/index.ts";
import { DEFAULT_LIMITS } from "../../gate/index.ts";
import { RegistrySettings } from "../../registry/index.ts";
import { canHoldPodSpec } from "../../workloads/index.ts";
import { ArgoCdSettings } from "./argocd-settings.ts";
import { RecordSettings } from "./record-settings.ts";
import { ServerSettings } from "./server-settings.ts";
import { Name, WritableFolder } from "./setting-types.ts";

const MIB = 1024 * 1024;

const Document = z.strictObject({
  configMap: Name.describe("ConfigMap in the gate's namespace."),
  key: z.string().min(1).max(253).describe("Key in its data."),
});

const Cluster = z.strictObject({
  kubeconfig: z.string().min(1).optional().describe("A kubeconfig; the pod's own service account if absent."),
  namespace: Name.describe("The gate's own namespace."),
  defaultMode: z
    .enum(MODES)
    .default("off")
    .describe("The mode of namespaces without a label; must match the webhook configuration."),
  policy: Document.prefault({ configMap: "mc-gate-policy", key: "policy.yaml" }).describe("The policy."),
  waivers: Document.prefault({ configMap: "mc-gate-waivers", key: "waivers.yaml" }).describe("The waivers."),
  revocations: Document.prefault({ configMap: "mc-gate-revocations", key: "revocations.yaml" }).describe(
    "The revocations; without them no image is admitted.",
  ),
  enforcement: Document.prefault({ configMap: "mc-gate-enforcement", key: "enforcement.yaml" }).describe(
    "What is switched off; `mc enforce` writes it. Nothing is if there is none.",
  ),
  settings: Document.prefault({ configMap: "mc-gate-settings", key: "settings.yaml" }).describe(
    "Where this settings document comes from: edits of that ConfigMap are guarded, and take effect when the gate restarts.",
  ),
  webhookConfiguration: Name.optional().describe(
    "The gate's ValidatingWebhookConfiguration, which is watched: metrics, log and Events say whether it exists and what it contains. If absent, that of a self-managed certificate. Requires the right to list and watch it.",
  ),
  pullSecrets: z.array(Name).max(16).default([]).describe("The gate's pull secrets, in its own namespace."),
  workloadPullSecrets: z
    .boolean()
    .default(false)
    .describe(
      "Also read the pull secrets of workloads and their service accounts; requires the right to read every Secret.",
    ),
});

const Files = z.strictObject({
  policy: z.string().min(1).describe("File with the policy; read again when it changes."),
  waivers: z.string().min(1).optional().describe("File with the waivers; read again when it changes."),
  revocations: z
    .string()
    .min(1)
    .optional()
    .describe("File with the revocations; read again when it changes."),
  enforcement: z
    .string()
    .min(1)
    .optional()
    .describe("File with what is switched off; read again when it changes."),
});

const Workload = z.strictObject({
  group: z.string().max(253).describe("API group of the custom resource."),
  kind: z.string().min(1).max(63).describe("Its kind."),
  path: z
    .array(z.string().min(1).max(63))
    .min(1)
    .max(16)
    .refine(canHoldPodSpec, "No object has a pod spec in apiVersion, kind or metadata.")
    .describe("Keys from the top of the object to its pod spec, which has a list of containers."),
});

const Prewarm = z.strictObject({
  images: z
    .int()
    .min(0)
    .max(5000)
    .default(0)
    .describe(
      "Maximum number of images of running pods in enforcing namespaces, those of most pods first; 0 for none. Requires the right to list pods.",
    ),
  atOnce: z.int().min(1).max(32).default(4).describe("How many of them are looked up at the same time."),
});

/** The settings of `mc serve`, as the chart writes them. */
export const Settings = z
  .strictObject({
    apiVersion: ApiVersion,
    server: ServerSettings.describe("Where the gate listens."),
    cluster: Cluster.optional().describe(
      "The cluster that documents, namespace modes and pull secrets come from.",
    ),
    files: Files.optional().describe("Documents from files, if there is no cluster."),
    workloads: z
      .array(Workload)
      .max(100)
      .default([])
      .describe("Custom resources that contain pod specs, in addition to the built-in kinds."),
    argocd: ArgoCdSettings.optional().describe(
      "Argo CD syncs and rollouts: /v1/presync, /validate/operation and /v1/verdict. All disabled if absent.",
    ),
    state: z
      .strictObject({
        audiences: z
          .array(z.string().min(1).max(253))
          .min(1)
          .max(16)
          .default(["mc-gate"])
          .describe("Audiences; a caller's token must have one of them."),
      })
      .optional()
      .describe(
        "/v1/state: what this replica decides by, for callers with rights to states.mc-gate.dev in the gate's namespace. Disabled if absent.",
      ),
    registries: RegistrySettings.prefault({}).describe("How registries are reached."),
    log: z
      .strictObject({
        level: z
          .enum(["info", "warn", "error"])
          .default("info")
          .describe("Minimum level of written lines. Decisions are always written."),
      })
      .prefault({})
      .describe("The log on standard output, as JSON lines."),
    record: RecordSettings.prefault({}).describe(
      "The decision record: one line for each decision, on standard output whatever the log level, and in files.",
    ),
    outbound: z
      .strictObject({
        caFile: z
          .string()
          .min(1)
          .optional()
          .describe(
            "PEM file with authorities that every connection trusts in addition to the well-known ones: registries, TUF, clouds, Argo CD. Hosts with their own caFile trust only that. Read again when it changes.",
          ),
      })
      .prefault({})
      .describe("How hosts outside the cluster are reached. Forward proxies come from the environment."),
    verify: z
      .strictObject({
        workers: z
          .int()
          .min(1)
          .max(64)
          .optional()
          .describe("Number of worker threads; if absent, one fewer than there are cores."),
        limit: Duration.prefault("2s").describe(
          "Maximum processor time for one attachment, and ten times as much for one of more than 4 MiB. An attachment that takes longer is a fault, which the refusal names.",
        ),
      })
      .prefault({})
      .describe("How signatures are verified."),
    evidence: z
      .strictObject({
        refreshAfter: Duration.prefault("15m").describe(
          "Evidence older than this is collected again before it is used.",
        ),
        staleLimit: Duration.prefault("24h").describe(
          "Evidence older than this is never used, even while its registry is down.",
        ),
        folder: WritableFolder.optional().describe(
          "A writable folder in which attachments are kept over a restart, and verified again after it; none if absent.",
        ),
        folderMib: z
          .int()
          .min(1)
          .max(65_536)
          .default(48)
          .describe("Maximum size of that folder's content, MiB."),
        lookUps: z
          .int()
          .min(8)
          .max(4096)
          .default(DEFAULT_LIMITS.collections.running)
          .describe(
            "Images that are looked up at once; four times as many may wait. Each namespace has a share.",
          ),
        attachmentsMib: z
          .int()
          .min(1)
          .max(4096)
          .default(DEFAULT_LIMITS.room.atOnce / MIB)
          .describe(
            "Memory for attachments that wait to be verified, MiB: this much for small ones, as much again for larger ones, and one additional attachment that is larger than that. Each namespace has a share. If you raise it, raise the gate's memory by three times as much.",
          ),
        prewarm: Prewarm.prefault({}).describe("What is looked up after the start, before the first review."),
      })
      .prefault({})
      .describe("How long evidence is kept."),
    tuf: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Refresh the public-good trust root in the background."),
        cacheDirectory: WritableFolder.default("/tmp/tuf").describe(
          "A writable folder that only the gate uses.",
        ),
        mirror: z
          .strictObject({
            url: z.url({ protocol: /^https?$/ }).describe("Another TUF repository."),
            rootPath: z.string().min(1).describe("Its initial root.json."),
          })
          .optional()
          .describe("A copy of the TUF repository, for clusters without internet access."),
      })
      .prefault({})
      .describe("How the public-good trust root is kept current."),
  })
  .refine(({ cluster, files }) => (cluster === undefined) !== (files === undefined), {
    params: { rule: "one-of" },
    message: "Give either cluster or files.",
  })
  .refine(({ argocd, cluster }) => argocd === undefined || cluster !== undefined, {
    params: { rule: "needs-cluster" },
    message: "Syncs need a cluster that identifies callers.",
  })
  .refine(({ state, cluster }) => state === undefined || cluster !== undefined, {
    params: { rule: "needs-cluster" },
    message: "The state needs a cluster that identifies callers.",
  })
  .refine(({ evidence, cluster }) => evidence.prewarm.images === 0 || cluster !== undefined, {
    params: { rule: "needs-cluster" },
    message: "Images of running pods need a cluster to list them.",
  })
  .refine(({ cluster, server }) => server.fallback === undefined || cluster !== undefined, {
    params: { rule: "needs-cluster" },
    message: "A fallback endpoint needs a cluster to publish it in.",
  })
  .refine(({ cluster, server }) => cluster !== undefined || server.certificate.mode === "directory", {
    params: { rule: "needs-cluster" },
    message: "A self-managed certificate needs a cluster to store it in.",
  });
export type Settings = z.output<typeof Settings>;

/** The mode of a namespace without a label; where there is no cluster, only paths ask for one. */
export function defaultModeOf({ cluster }: Pick<Settings, "cluster">): Mode {
  return cluster?.defaultMode ?? "off";
}
