import { KUSTOMIZE_SHAPES } from "./adopt-kustomize-shapes.ts";
import { application, HEAD, type Shape, SOURCE } from "./adopt-shape-parts.ts";

function set(name: string, spec: string, template: string): string {
  const head = `${HEAD}kind: ApplicationSet\nmetadata:\n  name: ${name}\n  namespace: argocd\nspec:\n`;
  const fixed = `  template:\n    metadata:\n      name: '{{ .name }}'\n    spec:\n      project: ${name}\n`;
  const destination = `      destination:\n        name: in-cluster\n        namespace: ${name}\n`;
  return `${head}${spec}${fixed}${destination}${template}`;
}

const PLAIN = application("plain", SOURCE);
const LISTED = "  generators:\n    - list:\n        elements:\n          - name: a\n";
const SET_SOURCE = SOURCE.replaceAll(/^/gm, "    ").replace(/ +$/, "");

/** Shapes that occur in public repositories. */
export const SHAPES: readonly Shape[] = [
  { title: "one source", files: { "a.yaml": PLAIN }, told: ["plain unknown changed"] },
  {
    title: "several sources, values of another one, comments",
    files: {
      "a.yaml": application(
        "multi",
        `  # the chart, and our values\n  sources:\n    - repoURL: https://charts.example.com # upstream\n      chart: redis\n      targetRevision: 19.x\n      helm:\n        valueFiles:\n          - $values/redis/values.yaml\n    - repoURL: https://git.example.com/a/values\n      targetRevision: main\n      ref: values # not rendered\n`,
      ),
    },
    told: ["multi unknown changed"],
  },
  {
    title: "a sequence that is not indented",
    files: {
      "a.yaml": application(
        "flat",
        "  sources:\n  - repoURL: https://git.example.com/a/deploy\n    path: .\n  syncPolicy:\n    automated: {}\n",
      ),
    },
    told: ["flat unknown changed"],
  },
  {
    title: "block texts of values",
    files: {
      "a.yaml": application(
        "block",
        `${SOURCE}    helm:\n      values: |\n        source:\n          a: 1\n\n        b: |\n          deep\n`,
      ),
    },
    told: ["block unknown changed"],
  },
  {
    title: "brackets",
    files: {
      "a.yaml": `{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {name: flow}, spec: {project: flow, destination: {name: in-cluster, namespace: flow}, source: {repoURL: https://git.example.com/a, path: .}}}\n`,
    },
    told: ["flow unknown changed"],
  },
  {
    title: "JSON",
    files: {
      "a.json": `${JSON.stringify({ apiVersion: "argoproj.io/v1alpha1", kind: "Application", metadata: { name: "json" }, spec: { project: "json", destination: { name: "in-cluster", namespace: "json" }, source: { repoURL: "https://git.example.com/a", path: "." } } }, undefined, 2)}\n`,
    },
    told: ["json unknown changed"],
  },
  {
    title: "line ends of Windows",
    files: { "a.yaml": PLAIN.replaceAll("\n", "\r\n") },
    told: ["plain unknown changed"],
  },
  {
    title: "no end of the last line",
    files: { "a.yaml": PLAIN.trimEnd() },
    told: ["plain unknown changed"],
  },
  {
    title: "aliases beside the source",
    files: {
      "a.yaml": application(
        "alias",
        `${SOURCE}  info:\n    - &owner { name: owner, value: a }\n    - *owner\n`,
      ),
    },
    told: ["alias unknown changed"],
  },
  {
    title: "a source that an alias repeats",
    files: { "a.yaml": `${application("anchor", SOURCE.replace("source:", "source: &s"))}x-same: *s\n` },
    told: ["anchor unknown"],
    problems: ["a.yaml not-edited"],
  },
  {
    title: "a List",
    files: {
      "a.yaml": `apiVersion: v1\nkind: List\nitems:\n${PLAIN.trimEnd().replaceAll(/^/gm, "    ").replace("   ", "  -")}\n`,
    },
    told: ["plain unknown changed"],
  },
  {
    title: "several documents, others between them",
    files: {
      "a.yaml": `---\n${PLAIN}---\n# nothing\n---\nkind: ConfigMap\n---\n${application("b", SOURCE)}`,
    },
    told: ["b unknown changed", "plain unknown changed"],
  },
  {
    title: "a hydrator",
    files: {
      "a.yaml": application(
        "hydrated",
        "  sourceHydrator:\n    drySource: { repoURL: https://git.example.com/a, path: a, targetRevision: main }\n    syncSource: { targetBranch: env/prod, path: a }\n",
      ),
    },
    told: ["hydrated unknown"],
    note: "hydrated",
  },
  {
    title: "a templatePatch that brings sources",
    files: {
      "a.yaml": set("patched", `${LISTED}  templatePatch: |\n    spec:\n      source: {}\n`, SET_SOURCE),
    },
    told: ["patched unknown"],
    note: "templatePatch",
  },
  {
    title: "a templatePatch of other fields",
    files: {
      "a.yaml": set(
        "patched",
        `${LISTED}  templatePatch: |\n    metadata: { labels: { a: resources } }\n`,
        SET_SOURCE,
      ),
    },
    told: ["patched unknown changed"],
  },
  {
    title: "rolling syncs",
    files: {
      "a.yaml": set(
        "rolling",
        `${LISTED}  strategy:\n    type: RollingSync\n    rollingSync:\n      steps:\n        - matchExpressions: []\n`,
        SET_SOURCE,
      ),
    },
    told: ["rolling unknown changed"],
  },
  {
    title: "a template of all clusters",
    files: {
      "a.yaml": set("fleet", "  generators:\n    - clusters: {}\n", SET_SOURCE).replace(
        "name: in-cluster",
        "server: '{{ .server }}'",
      ),
    },
    told: ["fleet unknown changed"],
    note: "a gate on each",
  },
  {
    title: "differences ignored in the source",
    files: {
      "a.yaml": set(
        "kept",
        `${LISTED}  ignoreApplicationDifferences:\n    - jsonPointers:\n        - /spec/source/targetRevision\n`,
        SET_SOURCE,
      ),
    },
    told: ["kept unknown"],
    note: "ignoreApplicationDifferences",
  },
  {
    title: "an OCI artifact",
    files: {
      "a.yaml": application(
        "oci",
        "  source:\n    repoURL: oci://registry.example.com/a/deploy\n    path: .\n    targetRevision: 1.2.3\n",
      ),
    },
    told: ["oci unknown changed"],
  },
  {
    title: "a plug-in",
    files: { "a.yaml": application("plugin", `${SOURCE}    plugin:\n      name: ours\n`) },
    told: ["plugin unknown changed"],
  },
  {
    title: "a duplicate key",
    files: { "a.yaml": `${PLAIN}${SOURCE}` },
    told: [],
    problems: ["a.yaml duplicate-key"],
  },
  {
    title: "source and sources at once",
    files: {
      "a.yaml": application(
        "both",
        `${SOURCE}  sources:\n    - repoURL: https://git.example.com/b\n      path: b\n`,
      ),
    },
    told: ["both unknown changed"],
  },
  {
    title: "another cluster",
    files: { "a.yaml": PLAIN.replace("https://kubernetes.default.svc", "https://10.0.0.1:6443") },
    told: ["plain cannot"],
    note: "--cluster",
  },
  {
    title: "another cluster where a gate runs",
    files: { "a.yaml": PLAIN.replace("https://kubernetes.default.svc", "https://10.0.0.1:6443") },
    args: ["--cluster", "https://10.0.0.1:6443"],
    told: ["plain unknown changed"],
  },
  {
    title: "no namespace",
    files: { "a.yaml": PLAIN.replace("    namespace: plain\n", "") },
    told: ["plain cannot"],
    note: "operation gate",
  },
  {
    title: "two in one namespace",
    files: {
      "a.yaml": PLAIN,
      "b.yaml": application("b", SOURCE).replace("namespace: b\n", "namespace: plain\n"),
    },
    told: ["b unknown changed", "plain unknown changed"],
  },
  {
    title: "a chart that makes Applications",
    files: {
      "chart/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
      "chart/templates/apps.yaml": `{{- range .Values.apps }}\n---\n${PLAIN.replace("name: plain", "name: {{ .name }}")}{{- end }}\n`,
      "chart/templates/quoted.yaml": PLAIN.replace("path: prod", "path: '{{ .Values.path }}'"),
    },
    told: [],
    problems: ["apps.yaml template", "quoted.yaml template"],
  },
  {
    title: "a chart whose Applications have the hook",
    files: {
      "chart/Chart.yaml": "apiVersion: v2\nname: apps\nversion: 1.0.0\n",
      "chart/templates/apps.yaml": `{{- range .Values.apps }}\n---\n${PLAIN}# https://git.example.com/platform/mc-presync\n{{- end }}\n`,
      "a.yaml": PLAIN,
    },
    told: ["plain unknown changed"],
  },
  {
    title: "the hook by another address of its repository",
    files: {
      "a.yaml": application(
        "ssh",
        "  sources:\n    - repoURL: https://git.example.com/a\n      path: a\n    - repoURL: git@git.example.com:platform/mc-presync.git\n      path: hook\n",
      ),
    },
    told: ["ssh unknown"],
    note: "two repositories to Argo CD",
  },
  ...KUSTOMIZE_SHAPES,
];
