import { application, HEAD, type Shape, SOURCE } from "./adopt-shape-parts.ts";

const KUSTOMIZATION = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n";

function base(name: string): Readonly<Record<string, string>> {
  return {
    "base/app.yaml": application(name, SOURCE),
    "base/kustomization.yaml": `${KUSTOMIZATION}resources:\n  - app.yaml\n`,
  };
}

const OVERLAY = `${KUSTOMIZATION}resources:\n  - ../../base\n`;
const REVISION_PATCH = `${HEAD}kind: Application\nmetadata:\n  name: billing\n  namespace: argocd\nspec:\n  source:\n    targetRevision: v1.4.2\n`;

/** Applications that kustomize renders, or changes. */
export const KUSTOMIZE_SHAPES: readonly Shape[] = [
  {
    title: "an overlay that patches the revision",
    files: {
      ...base("billing"),
      "overlays/prod/kustomization.yaml": `${OVERLAY}patches:\n  - path: revision.yaml\n`,
      "overlays/prod/revision.yaml": REVISION_PATCH,
    },
    told: ["billing unknown", "billing unknown"],
    note: "changes its sources after it",
    rendered: ["base", "overlays/prod"],
  },
  {
    title: "a patch of the revision that no kustomization here names",
    files: { "app.yaml": application("billing", SOURCE), "patches/revision.yaml": REVISION_PATCH },
    told: ["billing unknown", "billing unknown"],
    note: "patches/revision.yaml:1 is a part of one of its name, and may change its sources",
  },
  {
    title: "an overlay whose file has no ending",
    files: {
      ...base("billing"),
      "overlays/prod/Kustomization": `${OVERLAY}patches:\n  - target: { kind: Application }\n    path: revision.json\n`,
      "overlays/prod/revision.json": `[{"op":"replace","path":"/spec/source/targetRevision","value":"v1.4.2"}]\n`,
    },
    told: ["billing unknown"],
    note: "overlays/prod/Kustomization changes its sources after it",
    rendered: ["base", "overlays/prod"],
  },
  {
    title: "an overlay that patches the revision by JSON Patch",
    files: {
      ...base("billing"),
      "overlays/prod/kustomization.yaml":
        `${OVERLAY}patches:\n  - target: { kind: Application }\n    patch: |\n      - { op: replace, path: /spec/source/targetRevision, value: v1.4.2 }\n`.replace(
          "- { op: replace, path: /spec/source/targetRevision, value: v1.4.2 }",
          "- op: replace\n        path: /spec/source/targetRevision\n        value: v1.4.2",
        ),
    },
    told: ["billing unknown"],
    note: "overlays/prod/kustomization.yaml changes its sources",
    rendered: ["base", "overlays/prod"],
  },
  {
    title: "a component that patches the path, and is in another folder",
    files: {
      ...base("billing"),
      "components/dr/kustomization.yaml": `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n  - path: path.json\n    target: { kind: Application }\n`,
      "components/dr/path.json": `[{"op":"replace","path":"/spec/source/path","value":"dr"}]\n`,
      "overlays/dr/kustomization.yaml": `${OVERLAY}components:\n  - ../../components/dr\n`,
    },
    told: ["billing unknown"],
    note: "components/dr/kustomization.yaml changes its sources",
    rendered: ["base", "overlays/dr"],
  },
  {
    title: "an overlay that patches labels and the namespace alone",
    files: {
      ...base("billing"),
      "overlays/prod/kustomization.yaml": `${OVERLAY}patches:\n  - path: labels.yaml\n`,
      "overlays/prod/labels.yaml": `${HEAD}kind: Application\nmetadata:\n  name: billing\n  namespace: argocd\n  labels:\n    stage: prod\nspec:\n  destination:\n    namespace: billing-prod\n`,
    },
    told: ["billing unknown changed"],
    rendered: ["base", "overlays/prod"],
  },
  {
    title: "a replacement of the revision",
    files: {
      ...base("billing"),
      "overlays/prod/kustomization.yaml": `${OVERLAY}replacements:\n  - source: { kind: Application, fieldPath: metadata.namespace }\n    targets:\n      - select: { kind: Application }\n        fieldPaths: [spec.source.targetRevision]\n`,
    },
    told: ["billing unknown"],
    note: "changes its sources after it",
    rendered: ["base", "overlays/prod"],
  },
  {
    title: "a patch that lies outside of what is read",
    files: {
      "read/base/app.yaml": application("billing", SOURCE),
      "read/base/kustomization.yaml": `${KUSTOMIZATION}resources: [app.yaml]\npatches:\n  - path: ../../unread/patch.json\n    target: { kind: Application }\n`,
      "unread/patch.json": `[{"op":"add","path":"/metadata/labels","value":{"a":"b"}}]\n`,
    },
    args: ["--read", "read"],
    told: ["billing unknown"],
    note: "changes its sources after it",
  },
];
