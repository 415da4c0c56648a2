import type { RegistrySettings } from "../settings.ts";
import { isAllowedHost, registryOf } from "./hosts.ts";
import type { Exchange } from "./http.ts";

/** Called with each answer: the class of its host, and `200`, `404`, … or `failed` where there was none. */
export type OnAnswer = (registry: string, status: string) => void;

/** Hosts of images that many clusters run, so that they are distinguished where no setting names them. */
const WELL_KNOWN: readonly string[] = [
  "docker.io",
  "gcr.io",
  "ghcr.io",
  "mcr.microsoft.com",
  "public.ecr.aws",
  "quay.io",
  "registry.k8s.io",
];
/** Statuses with their own meaning; the others count by their first digit. */
const OWN_STATUS: readonly number[] = [200, 401, 403, 404, 429];

/** Counts each request that goes out, those of token services and redirects as well. */
export function counted(exchange: Exchange, settings: RegistrySettings, onAnswer: OnAnswer): Exchange {
  return async (request) => {
    const registry = classOf(registryOf(request.url), settings);
    try {
      const answer = await exchange(request);
      onAnswer(registry, statusOf(answer.status));
      return answer;
    } catch (error) {
      onAnswer(registry, "failed");
      throw error;
    }
  };
}

/** A host that settings name, the pattern that allows it, or `other`: image names must not make labels. */
function classOf(host: string, { hosts, allowedHosts = [] }: RegistrySettings): string {
  if (Object.hasOwn(hosts, host) || WELL_KNOWN.includes(host)) return host;
  return allowedHosts.find((pattern) => isAllowedHost(host, [pattern])) ?? "other";
}

function statusOf(status: number): string {
  return OWN_STATUS.includes(status) ? String(status) : `${Math.floor(status / 100)}xx`;
}
