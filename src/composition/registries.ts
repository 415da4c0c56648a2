import { UsageError } from "../core/index.ts";
import {
  createRegistryClient,
  createRegistryWriter,
  type RegistryClient,
  type RegistryDeps,
  type RegistrySettings,
  type RegistryWriter,
} from "../registry/index.ts";
import { credentialHelpers } from "./credential-helpers.ts";
import { proxyOfProcess } from "./forward-proxy.ts";

/** The same for a command, with the credentials that docker's helpers give. */
export function openRegistriesOfUser(settings: RegistrySettings): RegistryClient {
  return openRegistries(settings, { credentials: credentialHelpers(settings.dockerConfigFile) });
}

/** What attaches to images, with the same credentials. */
export function openWriterOfUser(settings: RegistrySettings): RegistryWriter {
  const proxyFor = proxyOfProcess();
  return orUsage(() =>
    createRegistryWriter(settings, {
      proxyFor,
      credentials: credentialHelpers(settings.dockerConfigFile),
    }),
  );
}

/** A client for all registries, through this process's forward proxies. Throws UsageError where a CA file cannot be used. */
export function openRegistries(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryClient {
  const proxyFor = proxyOfProcess(); // its error is no one's who wrote the settings
  return orUsage(() => createRegistryClient(settings, { proxyFor, ...deps }));
}

function orUsage<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw error instanceof Error ? new UsageError(`registries.hosts: ${error.message}`) : error;
  }
}
