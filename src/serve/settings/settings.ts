import { z } from "zod";

import { MODES } from "../../core/index.ts";
import { DEFAULT_LIMITS } from "../../gate/index.ts";
import { RegistrySettings } from "../../registry/index.ts";
import { canHoldPodSpec } from "../../workloads/index.ts";
import { ArgoCdSettings } from "./argocd-settings.ts";
import { ServerSettings } from "./server-settings.ts";
import { Duration, Name, WritableFolder } from "./setting-types.ts";

const MIB = 1024 * 1024;

const Document = z.strictObject({
  configMap: Name.describe("ConfigMap in the gate's namespace."),
  key: z.string().min(1).max(253).describe("Key in its data."),
});

const Cluster = z.strictObject({
  kubeconfig: z
    .string()
    .min(1)
    .optional()
    .describe("A kubeconfig; the pod's own service account where absent."),
  namespace: Name.describe("The gate's own namespace."),
  defaultMode: z
    .enum(MODES)
    .default("off")
    .describe("The mode of namespaces without a label, as the webhook configuration has it."),
  policy: Document.prefault({ configMap: "mc-gate-policy", key: "policy.yaml" }).describe("The policy."),
  waivers: Document.prefault({ configMap: "mc-gate-waivers", key: "waivers.yaml" }).describe("The waivers."),
  revocations: Document.prefault({ configMap: "mc-gate-revocations", key: "revocations.yaml" }).describe(
    "The revocations; without them nothing is decided.",
  ),
  settings: Document.prefault({ configMap: "mc-gate-settings", key: "settings.yaml" }).describe(
    "Where this document comes from itself: edits of that ConfigMap are guarded, and count when the gate starts again.",
  ),
  webhookConfiguration: Name.optional().describe(
    "The gate's ValidatingWebhookConfiguration, which is watched: metrics, log and Events say whether it is there and what it does. That of a self-managed certificate where absent. It takes the right to list and watch that one.",
  ),
  pullSecrets: z.array(Name).max(16).default([]).describe("Pull secrets of the gate, in its own namespace."),
  workloadPullSecrets: z
    .boolean()
    .default(false)
    .describe(
      "Read pull secrets of workloads and their service accounts, too; it takes the right to read every Secret.",
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
});

const Workload = z.strictObject({
  group: z.string().max(253).describe("API group of the custom resource."),
  kind: z.string().min(1).max(63).describe("Its kind."),
  path: z
    .array(z.string().min(1).max(63))
    .min(1)
    .max(16)
    .refine(canHoldPodSpec, "No object has a pod spec in apiVersion, kind or metadata.")
    .describe("Keys from the object's top to its pod spec, which has a list of containers."),
});

const Prewarm = z.strictObject({
  images: z
    .int()
    .min(0)
    .max(5000)
    .default(0)
    .describe(
      "Most images of running pods in enforcing namespaces, those of most pods first; none where 0. It takes the right to list pods.",
    ),
  atOnce: z.int().min(1).max(32).default(4).describe("How many of them at the same time."),
});

/** The settings of `mc serve`, as the chart writes them. */
export const Settings = z
  .strictObject({
    server: ServerSettings.describe("Where the gate listens."),
    cluster: Cluster.optional().describe(
      "The cluster that documents, namespace modes and pull secrets come from.",
    ),
    files: Files.optional().describe("Documents from files, where there is no cluster."),
    workloads: z
      .array(Workload)
      .max(100)
      .default([])
      .describe("Custom resources that carry pod specs, besides the built-in kinds."),
    argocd: ArgoCdSettings.optional().describe(
      "Syncs of Argo CD and rollouts: /v1/presync, /validate/operation and /v1/verdict. None of them where absent.",
    ),
    registries: RegistrySettings.prefault({}).describe("How registries are reached."),
    log: z
      .strictObject({
        level: z
          .enum(["info", "warn", "error"])
          .default("info")
          .describe("Least level of a line that is written. Decisions are written at any."),
      })
      .prefault({})
      .describe("What is written to standard output, as JSON lines."),
    outbound: z
      .strictObject({
        caFile: z
          .string()
          .min(1)
          .optional()
          .describe(
            "PEM file of authorities that every connection trusts besides the well-known ones: registries, TUF, clouds, Argo CD. Hosts with a caFile of their own trust that alone. Read again when it changes.",
          ),
      })
      .prefault({})
      .describe("How hosts outside of the cluster are reached. Forward proxies come from the environment."),
    verify: z
      .strictObject({
        workers: z
          .int()
          .min(1)
          .max(64)
          .optional()
          .describe("Worker threads; one fewer than there are cores where absent."),
        limit: Duration.prefault("2s").describe(
          "Most processor time for one attachment, and ten times as much for one of more than 4 MiB. What takes longer is not known, which a refusal says.",
        ),
      })
      .prefault({})
      .describe("How signatures are verified."),
    evidence: z
      .strictObject({
        refreshAfter: Duration.prefault("15m").describe(
          "Evidence older than this is collected anew before it is used.",
        ),
        staleLimit: Duration.prefault("24h").describe(
          "Evidence older than this is not used even while its registry is down.",
        ),
        folder: WritableFolder.optional().describe(
          "A writable folder in which attachments are kept over a restart, and verified anew after it; none where absent.",
        ),
        folderMib: z.int().min(1).max(65_536).default(48).describe("Most that is kept there, MiB."),
        lookUps: z
          .int()
          .min(8)
          .max(4096)
          .default(DEFAULT_LIMITS.collections.running)
          .describe(
            "Images that are looked up at once; four times as many wait for their turn. Each namespace has a share.",
          ),
        attachmentsMib: z
          .int()
          .min(1)
          .max(4096)
          .default(DEFAULT_LIMITS.room.atOnce / MIB)
          .describe(
            "Attachments that are held until they are verified, MiB: so much of small ones, as much again of larger ones, and one besides that is larger than that. Each namespace has a share. Give the gate three times what you add as memory.",
          ),
        prewarm: Prewarm.prefault({}).describe("What is looked up after the start, before anybody asks."),
      })
      .prefault({})
      .describe("How long evidence is kept."),
    tuf: z
      .strictObject({
        enabled: z.boolean().default(true).describe("Refresh the public-good trust root in the background."),
        cacheDirectory: WritableFolder.default("/tmp/tuf").describe("A writable folder of the gate's own."),
        mirror: z
          .strictObject({
            url: z.url({ protocol: /^https?$/ }).describe("Another TUF repository."),
            rootPath: z.string().min(1).describe("Its initial root.json."),
          })
          .optional()
          .describe("A copy of the TUF repository, for clusters without a way out."),
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
    message: "Syncs need a cluster that says who asks.",
  })
  .refine(({ evidence, cluster }) => evidence.prewarm.images === 0 || cluster !== undefined, {
    params: { rule: "needs-cluster" },
    message: "Images of running pods need a cluster to list them.",
  })
  .refine(({ cluster, server }) => cluster !== undefined || server.certificate.mode === "directory", {
    params: { rule: "needs-cluster" },
    message: "A self-managed certificate needs a cluster to keep it in.",
  });
/** See the schema of the same name. */
export type Settings = z.output<typeof Settings>;
