import { readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";

import { PROJECT } from "./programs.ts";

/** The folder in deploy/argocd: the hook as a Job, or as a Pod. */
export type HookForm = "hook" | "hook-pod";

/** What a platform fills in. */
export interface ShippedHookOptions {
  /** `repository@digest` of the gate. */
  readonly image: string;
  /** PEM of the authority of the gate's certificate. */
  readonly authority: string;
  /** IP address of the gate's Service, since there is no DNS for pods here. */
  readonly address: string;
}

interface PodSpec {
  readonly containers: readonly object[];
  readonly hostAliases?: readonly object[];
}

interface Hook {
  readonly kind: string;
  readonly spec: PodSpec & { readonly template: { readonly spec: PodSpec } };
}

/** The hook as the project ships it, with its authority before it. */
export function shippedHook(form: HookForm, options: ShippedHookOptions): object[] {
  const read = (file: string): unknown =>
    parse(readFileSync(join(PROJECT, "deploy/argocd", form, file), "utf8"));
  const authority = { ...(read("authority.yaml") as object), data: { "ca.crt": options.authority } };
  const hook = read("presync.yaml") as Hook;
  const { spec } = hook;
  const filled =
    hook.kind === "Pod"
      ? fill(spec, options)
      : { ...spec, template: { ...spec.template, spec: fill(spec.template.spec, options) } };
  return [authority, { ...hook, spec: filled }];
}

function fill(spec: PodSpec, { image, address }: ShippedHookOptions): PodSpec {
  const hostAliases = [{ ip: address, hostnames: ["mc-gate.mc-gate.svc"] }];
  return { ...spec, hostAliases, containers: spec.containers.map((each) => ({ ...each, image })) };
}
