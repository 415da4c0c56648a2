export { createRegistryClient, type RegistryClient, type RegistryDeps } from "./client.ts";
export { readDocument, type ReadElsewhere } from "./documents.ts";
export { RegistryHost, RegistrySettings } from "./settings.ts";
