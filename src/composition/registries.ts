import { UsageError } from "../core/index.ts";
import {
  createRegistryClient,
  type RegistryClient,
  type RegistryDeps,
  type RegistrySettings,
} from "../registry/index.ts";
import { credentialHelpers } from "./credential-helpers.ts";
import { proxyOfProcess } from "./forward-proxy.ts";

/** The same for a command, with the credentials that docker's helpers give. */
export function openRegistriesOfUser(settings: RegistrySettings): RegistryClient {
  return openRegistries(settings, { credentials: credentialHelpers(settings.dockerConfigFile) });
}

/** A client for all registries, through this process's forward proxies. Throws UsageError where a CA file cannot be used. */
export function openRegistries(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryClient {
  const proxyFor = proxyOfProcess();
  try {
    return createRegistryClient(settings, { proxyFor, ...deps });
  } catch (error) {
    throw error instanceof Error ? new UsageError(`registries.hosts: ${error.message}`) : error;
  }
}
