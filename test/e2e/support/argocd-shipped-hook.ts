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
}

interface PodSpec {
  readonly hostAliases?: readonly object[];
}

interface Hook {
  readonly kind: string;
  readonly spec: PodSpec & { readonly template: { readonly spec: PodSpec } };
}

/** The hook of an Application as the project ships it. */
export async function shippedHook(
  kind: "Job" | "Pod",
  application: string,
  { image, authority, address }: ShippedHookOptions,
): Promise<object> {
  const hook = parse(await renderHook({ kind, image, ca: authority, application })) as Hook;
  const { spec } = hook;
  const hostAliases = [{ ip: address, hostnames: ["mc-gate.mc-gate.svc"] }];
  if (hook.kind === "Pod") return { ...hook, spec: { ...spec, hostAliases } };
  const template = { ...spec.template, spec: { ...spec.template.spec, hostAliases } };
  return { ...hook, spec: { ...spec, template } };
}
