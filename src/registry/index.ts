export { type RegistryClient, type RegistryDeps, createRegistryClient } from "./client.ts";
export { type ReadElsewhere, readDocument } from "./documents.ts";
export { RegistryHost, RegistrySettings } from "./settings.ts";
