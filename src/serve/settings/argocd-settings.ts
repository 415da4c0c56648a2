import { z } from "zod";

import { compileGlob, Digest, MODES, Duration } from "../../core/index.ts";
import { Name } from "./setting-types.ts";

const NamespaceGlob = z
  .string()
  .regex(/^[a-z0-9*-]{1,63}$/, "not a namespace, nor one with *")
  .superRefine((text, context) => {
    const compiled = compileGlob(text);
    if (!compiled.ok) context.addIssue(compiled.why);
  });

const Instance = z.strictObject({
  namespace: Name.describe("Namespace of its control plane."),
  url: z
    .url({ protocol: /^https?$/ })
    .describe("Its API server, with the root path where there is one: https://argocd-server.argocd.svc."),
  tokenFile: z
    .string()
    .min(1)
    .describe("File with the token of an account that may only get applications; read again for each call."),
  caFile: z
    .string()
    .min(1)
    .optional()
    .describe(
      "PEM file with the authority of its certificate, read again for each connection; the well-known ones if absent.",
    ),
  applicationNamespaces: z
    .array(NamespaceGlob)
    .max(100)
    .optional()
    .describe(
      "Other namespaces with its Applications, as application.namespaces of argocd-cmd-params-cm has them; * matches any characters. Required if several instances are configured; a single instance without it serves every namespace.",
    ),
  installationId: z
    .string()
    .min(1)
    .max(253)
    .optional()
    .describe("Its installationID from argocd-cm, if several share a cluster."),
});

const Operations = z.strictObject({
  exempt: z
    .array(z.string().regex(/^[a-z0-9.-]{1,253}\/[a-z0-9.-]{1,253}$/, "not namespace/name"))
    .max(100)
    .default([])
    .describe(
      "Applications that are never checked, as namespace/name: the gate's own, so that it can be repaired.",
    ),
  selfHeal: z
    .enum(["judge", "keep"])
    .default("judge")
    .describe(
      "How self-heals by Argo CD are handled: judge checks all images that it applies, keep allows those that pods of the same namespace already run, by digest; keep requires the right to list pods.",
    ),
  controllers: z
    .array(z.string().min(1).max(1024))
    .max(16)
    .default(["system:serviceaccount:argocd:argocd-application-controller"])
    .describe(
      "Users as whom Argo CD's controller writes; only they are trusted about what is a self-heal, and about the state of an operation.",
    ),
  movingRevisions: z
    .enum(["refuse", "judge"])
    .default("refuse")
    .describe(
      "How a sync of a branch, a tag or a range is handled in an enforcing namespace: refuse it, or judge its current content. With judge, commits pushed between verdict and sync are left to the hook and to admission.",
    ),
  prewarm: z
    .boolean()
    .default(false)
    .describe(
      "Render in advance what OutOfSync Applications would apply, and look up its images; requires the right to read Applications.",
    ),
});

/** What is known of Argo CD: who may ask about syncs and rollouts, and where targets are read. */
export const ArgoCdSettings = z.strictObject({
  instances: z
    .array(Instance)
    .max(16)
    .default([])
    .describe("The Argo CD instances whose syncs are checked. Without any, only /v1/verdict answers."),
  thisCluster: z
    .array(z.string().min(1).max(1000))
    .min(1)
    .max(16)
    .default(["https://kubernetes.default.svc", "in-cluster"])
    .describe("Servers and names by which Applications refer to the gate's own cluster."),
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
    .describe("Audiences; a token for /v1/verdict must have one of them."),
  hookDigests: z
    .array(Digest)
    .max(16)
    .default([])
    .describe("Digests of the image that the gate's own hook runs; they are not checked in a target."),
  wait: Duration.prefault("20s").describe(
    "How long Argo CD may take until its Application says that the hook runs.",
  ),
  judge: Duration.prefault("30s").describe("How long rendering and judging may take after that."),
  rolloutWindow: Duration.prefault("24h").describe(
    "A warning is given if a waiver that was used ends within this time.",
  ),
  events: z
    .boolean()
    .default(true)
    .describe(
      "Record refused syncs, and hooks that cannot start or end, as Events on the Application, which must be in this cluster.",
    ),
  operations: Operations.prefault({}).describe("The webhook for Applications."),
});
export type ArgoCdSettings = z.output<typeof ArgoCdSettings>;
