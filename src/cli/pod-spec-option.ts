import { UsageError } from "../core/index.ts";
import { canHoldPodSpec, type WorkloadPath } from "../workloads/index.ts";

const FORM =
  /^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)\/([A-Za-z][A-Za-z0-9]*)=([A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*)$/;

/** Where custom kinds keep their pod specs, from `example.com/Thing=spec.template.spec`. Throws UsageError. */
export function podSpecPaths(texts: readonly string[]): WorkloadPath[] {
  return texts.map((text) => {
    const [, group, , kind, path] = FORM.exec(text) ?? [];
    if (group === undefined || kind === undefined || path === undefined)
      throw new UsageError(
        `--pod-spec ${text} is not GROUP/KIND=PATH, such as example.com/Thing=spec.template.spec`,
      );
    const keys = path.split(".");
    if (!canHoldPodSpec(keys))
      throw new UsageError(`--pod-spec ${text}: no object has a pod spec in apiVersion, kind or metadata`);
    return { group, kind, path: keys };
  });
}
