export { createRegistryClient, type RegistryClient, type RegistryDeps } from "./client.ts";
export { RegistrySettings } from "./settings.ts";
