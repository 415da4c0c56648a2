import { parse } from "yaml";

import { renderHook } from "./hook-chart.ts";

/** What a platform fills in. */
export interface ShippedHookOptions {
  /** `repository@digest` of the gate. */
  readonly image: string;
  /** PEM file with the authority of the gate's certificate. */
  readonly authority: string;
  /** IP address of the gate's Service, since there is no DNS for pods here. */
  readonly address: string;
  /** Containers, init containers and volumes that something else adds to its pod. */
  readonly besides?: readonly object[];
  readonly before?: readonly object[];
  readonly volumes?: readonly object[];
  /** Further values of its chart. */
  readonly values?: object;
}

interface PodSpec {
  readonly containers: readonly object[];
  readonly hostAliases?: readonly object[];
  readonly volumes?: readonly object[];
}

interface Hook {
  readonly kind: string;
  readonly spec: PodSpec & { readonly template: { readonly spec: PodSpec } };
}

/** The hook of an Application as the project ships it. */
export async function shippedHook(
  kind: "Job" | "Pod",
  application: string,
  { image, authority, address, besides = [], before = [], volumes = [], values }: ShippedHookOptions,
): Promise<object> {
  const hook = parse(await renderHook({ kind, image, ca: authority, application, ...values })) as Hook;
  const { spec } = hook;
  const hostAliases = [{ ip: address, hostnames: ["mc-gate.mc-gate.svc"] }];
  const changed = (pod: PodSpec) => ({
    ...pod,
    hostAliases,
    initContainers: before,
    containers: [...besides, ...pod.containers],
    volumes: [...(pod.volumes ?? []), ...volumes],
  });
  if (hook.kind === "Pod") return { ...hook, spec: changed(spec) };
  const template = { ...spec.template, spec: changed(spec.template.spec) };
  return { ...hook, spec: { ...spec, template } };
}
