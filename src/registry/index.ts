export { createRegistryClient, type RegistryClient, type RegistryDeps } from "./client.ts";
export { RegistryHost, RegistrySettings } from "./settings.ts";
