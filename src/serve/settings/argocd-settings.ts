import { z } from "zod";

import { Digest, MODES } from "../../core/index.ts";
import { Duration, Name } from "./setting-types.ts";

const Instance = z.strictObject({
  namespace: Name.describe("Namespace of its control plane."),
  url: z
    .url({ protocol: /^https?$/ })
    .describe("Its API server, with the root path where there is one: https://argocd-server.argocd.svc."),
  tokenFile: z
    .string()
    .min(1)
    .describe("File with the token of an account that may only get applications; read anew for each call."),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PEM file with the authority of its certificate, read anew for each connection; the well-known ones where absent.",
    ),
  installationId: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe("Its installationID out of argocd-cm, where several share a cluster."),
});

const Operations = z.strictObject({
  exempt: z
    .array(z.string().regex(/^[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/, "not namespace/name"))
    .max(100)
    .default([])
    .describe("Applications that are never judged, as namespace/name: the gate's own, to be repairable."),
  selfHeal: z
    .enum(["judge", "keep"])
    .default("judge")
    .describe(
      "What a self-heal by Argo CD is held to: judge all images that it applies, or keep those that pods of the same namespace run already, by digest; keep takes the right to list pods.",
    ),
  controllers: z
    .array(z.string().min(1).max(1024))
    .max(16)
    .default(["system:serviceaccount:argocd:argocd-application-controller"])
    .describe(
      "Users by whom Argo CD's controller writes; only their word counts on what is a self-heal, and on the state of an operation.",
    ),
  movingRevisions: z
    .enum(["refuse", "judge"])
    .default("refuse")
    .describe(
      "What becomes of a sync of a branch, a tag or a range in an enforcing namespace: refuse it, or judge what that is now. With judge, what is pushed between verdict and sync is left to the hook and to admission.",
    ),
  prewarm: z
    .boolean()
    .default(false)
    .describe(
      "Render ahead what Applications that are out of sync would apply, and look up its images; it takes the right to read Applications.",
    ),
});

/** What is known of Argo CD: who may ask about syncs and rollouts, and where targets are read. */
export const ArgoCdSettings = z.strictObject({
  instances: z
    .array(Instance)
    .max(16)
    .default([])
    .describe("The Argo CDs whose syncs are judged. Without any, only /v1/verdict answers."),
  thisCluster: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(16)
    .default(["https://kubernetes.default.svc", "in-cluster"])
    .describe("Servers and names by which Applications mean the cluster that the gate stands in."),
  otherClusters: z
    .enum(MODES)
    .default("enforce")
    .describe("The mode of every namespace in other clusters, whose labels are not known here."),
  audience: z
    .string()
    .min(1)
    .max(253)
    .default("mc-gate")
    .describe("Audience of the projected token that a hook must bring."),
  instanceLabels: z
    .array(z.string().min(1).max(317))
    .min(1)
    .max(8)
    .default(["app.kubernetes.io/instance", "argocd.argoproj.io/instance"])
    .describe(
      "Labels of a hook that hint at its Application where Argo CD tracks by label: its application.instanceLabelKey. Whatever they say is checked with Argo CD.",
    ),
  verdictAudiences: z
    .array(z.string().min(1).max(253))
    .min(1)
    .max(8)
    .default(["mc-gate"])
    .describe("Audiences of which a token for /v1/verdict must carry one."),
  hookDigests: z
    .array(Digest)
    .max(16)
    .default([])
    .describe("Digests of the image that the gate's own hook runs; they are left out of a target."),
  wait: Duration.prefault("20s").describe(
    "How long Argo CD may take until its Application says that the hook runs.",
  ),
  judge: Duration.prefault("30s").describe("How long rendering and judging may take after that."),
  rolloutWindow: Duration.prefault("24h").describe(
    "A waiver that was used and ends within this time is warned of.",
  ),
  events: z
    .boolean()
    .default(true)
    .describe("Tell of refused syncs by an Event on the Application; it must lie in this cluster."),
  operations: Operations.prefault({}).describe("The webhook for Applications."),
});
/** See the schema of the same name. */
export type ArgoCdSettings = z.output<typeof ArgoCdSettings>;
