export type { RegistryDeps } from "./assemble.ts";
export { createRegistryCatalog, type Described, type RegistryCatalog } from "./catalog/catalog.ts";
export { type Artifact, type Attached, createRegistryWriter, type RegistryWriter } from "./attach/writer.ts";
export { type RegistryClient, createRegistryClient } from "./client.ts";
export { type ReadElsewhere, readDocument } from "./documents.ts";
export { RegistryHost, RegistrySettings } from "./settings.ts";
