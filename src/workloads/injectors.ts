import { z } from "zod";

import { ValueMap } from "../core/index.ts";

/**
 * Texts that represent an image which an injector puts into the pod. Source: istio.io, "Installing gateways": a
 * gateway's template says `image: auto`, and the injection webhook replaces it in the pod.
 */
const PLACEHOLDERS: readonly string[] = ["auto"];

/** Annotations are not copied: there may be many of them, and containers that ask. */
const Annotated = z.object({
  metadata: z.object({ annotations: ValueMap.nullish() }),
});

/** A webhook that adds containers to pods, and the annotation by which it says so. */
interface Injector {
  readonly name: string;
  readonly annotation: string;
  readonly containers: readonly string[];
}

/** Source: the injectors' own documentation, of the annotations and container names of an injected pod. */
const INJECTORS: readonly Injector[] = [
  {
    name: "Istio",
    annotation: "sidecar.istio.io/status",
    containers: ["istio-proxy", "istio-init", "istio-validation"],
  },
  {
    name: "Linkerd",
    annotation: "linkerd.io/proxy-version",
    containers: ["linkerd-proxy", "linkerd-init", "linkerd-network-validator"],
  },
  {
    name: "Vault Agent",
    annotation: "vault.hashicorp.com/agent-inject-status",
    containers: ["vault-agent", "vault-agent-init"],
  },
];

/** Whether a text in a template represents an image that an injector names in the pod. */
export function isPlaceholder(image: string): boolean {
  return PLACEHOLDERS.includes(image);
}

/**
 * What to do about a container that is refused for its tag, by the pod's own annotations: which injector added it, or was
 * to put an image into it. Anyone can write annotations, so this never decides anything.
 */
export function adviceOn(
  pod: unknown,
): (container: { readonly image: string; readonly name: string }) => string | undefined {
  return ({ image, name }) => {
    if (isPlaceholder(image))
      return `No injector replaced the placeholder "${image}": turn injection on for the pod or its namespace, or name the image by digest.`;
    const injector = INJECTORS.find(({ containers }) => containers.includes(name));
    if (injector === undefined || !hasAnnotation(pod, injector.annotation)) return undefined;
    return `${injector.name}'s injector added this container: set its image by digest where ${injector.name} is installed.`;
  };
}

function hasAnnotation(pod: unknown, annotation: string): boolean {
  return Object.hasOwn(Annotated.safeParse(pod).data?.metadata.annotations ?? {}, annotation);
}
