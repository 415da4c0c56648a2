export { buildServer } from "./build-server.ts";
export { certificateDirectory } from "./certificate-directory.ts";
export { type ClientAuthorities, clientAuthorities } from "./client-authorities.ts";
export { checkClientCertificate } from "./client-certificates.ts";
export { certificateHolder } from "./certificate-holder.ts";
export { authorityEndsOf } from "./certificate-set.ts";
export { type CertificatePair, type CertificateSource, endOfCertificate } from "./certificate-pair.ts";
export { nextCertificates } from "./next-certificates.ts";
export { buildProbeServer } from "./probe-server.ts";
