import {
  createRegistryClient,
  type RegistryClient,
  type RegistryDeps,
  type RegistrySettings,
} from "../registry/index.ts";
import { UsageError } from "./exit-codes.ts";
import { proxyOfProcess } from "./forward-proxy.ts";

/** A client for all registries, through this process's forward proxies. Throws UsageError where a CA file cannot be used. */
export function openRegistries(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryClient {
  const proxyFor = proxyOfProcess();
  try {
    return createRegistryClient(settings, { proxyFor, ...deps });
  } catch (error) {
    throw error instanceof Error ? new UsageError(`registries.hosts: ${error.message}`) : error;
  }
}
