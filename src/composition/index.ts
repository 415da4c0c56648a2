export { type ComposedGate, type GateOptions, composeGate } from "./compose.ts";
export { credentialHelpers } from "./credential-helpers.ts";
export { DOCUMENTS, DOCUMENT_NAMES, type DocumentKind, type DocumentName } from "./document-table.ts";
export { proxyOfProcess } from "./forward-proxy.ts";
export { openRegistriesOfUser, openWriterOfUser } from "./registries.ts";
