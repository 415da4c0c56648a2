/** A way in which people write their Applications, and what adoption has to make of it. */
export interface Shape {
  readonly title: string;
  readonly files: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** `NAME HOOK`, or `NAME HOOK changed`, for each that is told of, by name. */
  readonly told: readonly string[];
  /** What a note has to say. */
  readonly note?: string;
  /** `FILE RULE` of each problem. */
  readonly problems?: readonly string[];
  /** Folders that kustomize renders. */
  readonly rendered?: readonly string[];
}

/** The beginning of each object of Argo CD. */
export const HEAD = "apiVersion: argoproj.io/v1alpha1\n";

/** A whole Application; `spec` and `metadata` are lines, indented by two. */
export function application(name: string, spec: string, metadata = ""): string {
  return `${HEAD}kind: Application\nmetadata:\n  name: ${name}\n  namespace: argocd\n${metadata}spec:\n  project: ${name}\n  destination:\n    server: https://kubernetes.default.svc\n    namespace: ${name}\n${spec}`;
}

/** A source, as lines of a spec. */
export const SOURCE =
  "  source:\n    repoURL: https://git.example.com/a/deploy\n    path: prod\n    targetRevision: main\n";
