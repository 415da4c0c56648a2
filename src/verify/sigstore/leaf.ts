import { X509Certificate } from "node:crypto";

import { Rejected } from "../rejected.ts";
import type { CachingCertificate } from "./caching-certificate.ts";

const CODE_SIGNING = "1.3.6.1.5.5.7.3.3";
/** Key usage, basic constraints, subject alternative name, extended key usage. */
const UNDERSTOOD: readonly string[] = ["2.5.29.15", "2.5.29.19", "2.5.29.17", "2.5.29.37"];

/**
 * What the verification library does not ask of a leaf: code signing among its extended key usages, no CA, no
 * critical extension that we do not understand, none twice, exactly one subject alternative name. Throws Rejected.
 * Sources: RFC 5280, section 4.2; sigstore/fulcio docs/certificate-specification.md, "Leaf certificate".
 */
export function checkLeaf(leaf: CachingCertificate): void {
  if (leaf.extBasicConstraints?.isCA) throw new Rejected("invalid", "the signing certificate is a CA's");
  if (!(new X509Certificate(leaf.der).keyUsage ?? []).includes(CODE_SIGNING)) {
    throw new Rejected("invalid", "the signing certificate is not for code signing");
  }
  checkExtensions(leaf);
  checkNames(leaf);
}

function checkExtensions({ extensions }: CachingCertificate): void {
  const seen = new Set<string>();
  for (const extension of extensions) {
    const oid = extension.subs[0]!.toOID();
    if (seen.has(oid))
      throw new Rejected("invalid", `the signing certificate has the extension ${oid} twice`);
    seen.add(oid);
    if (extension.subs.length === 3 && extension.subs[1]!.toBoolean() && !UNDERSTOOD.includes(oid)) {
      throw new Rejected("invalid", `the signing certificate has the unknown critical extension ${oid}`);
    }
  }
}

/** The extension's value is one list, and that holds the names. */
function checkNames({ extSubjectAltName }: CachingCertificate): void {
  const names = extSubjectAltName?.valueObj.subs[0]?.subs ?? [];
  if (names.length !== 1)
    throw new Rejected("unsupported", `the signing certificate has ${names.length} names, not one`);
}
