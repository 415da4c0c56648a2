import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import { readPlain, renderYaml } from "../../documents/index.ts";
import { lintWaivers } from "../../waivers/index.ts";
import { problemLine } from "../problems.ts";
import { print, readText, say } from "../terminal.ts";
import { unifiedDiff } from "../unified-diff.ts";

export interface SyncOptions {
  readonly namespace: string;
  readonly name: string;
  readonly key: string;
  /** What `kubectl get configmap -o json` prints, to compare with. */
  readonly check?: string;
}

/** `mc waivers sync`: the ConfigMap of a waiver document, or where the cluster's differs from it. */
export function waiversSync(file: string, options: SyncOptions): ExitCode {
  const text = readText(file);
  const problems = lintWaivers(text);
  for (const problem of problems) say(problemLine({ file, ...problem }));
  if (problems.length > 0) {
    say("The gate's webhook would refuse it; nothing is printed.");
    return EXIT.refused;
  }
  if (options.check !== undefined) return compared(text, options.check, options);
  process.stdout.write(manifestOf(text, options));
  return EXIT.allowed;
}

function manifestOf(text: string, { namespace, name, key }: SyncOptions): string {
  return renderYaml({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { name, namespace, labels: { "app.kubernetes.io/part-of": "mc-gate" } },
    data: { [key]: text },
  });
}

function compared(text: string, file: string, { namespace, name, key }: SyncOptions): ExitCode {
  const inCluster = dataIn(file, { namespace, name, key });
  if (inCluster === text) {
    say(`ConfigMap ${namespace}/${name} holds the same.`);
    return EXIT.allowed;
  }
  print(unifiedDiff(key, { before: inCluster ?? "", after: text }));
  const what = inCluster === undefined ? `holds no ${key}` : "differs: - is the cluster's, + the file's";
  say(`ConfigMap ${namespace}/${name} ${what}.`);
  return EXIT.refused;
}

/** The document in a ConfigMap as kubectl prints it, JSON or YAML. Throws UsageError: another object is not an answer. */
function dataIn(file: string, { namespace, name, key }: Omit<SyncOptions, "check">): string | undefined {
  const read = readPlain(readText(file));
  const object = (read.ok ? read.value.content : undefined) as Partial<ConfigMap> | null | undefined;
  const { name: found, namespace: place } = object?.metadata ?? {};
  if (object?.kind !== "ConfigMap" || found !== name || place !== namespace)
    throw new UsageError(
      `${file} is not ConfigMap ${namespace}/${name}; get it by kubectl get configmap -o json`,
    );
  const text = object.data?.[key];
  return typeof text === "string" ? text : undefined;
}

interface ConfigMap {
  readonly kind: string;
  readonly metadata: { readonly name?: string; readonly namespace?: string };
  readonly data: Readonly<Record<string, unknown>>;
}
