import { caBundleOf, type CertificateSet, renewalOf } from "./certificate-set.ts";

/** What is to be stored, what the API server is to trust, and whether the set is new. */
export interface NextCertificates {
  readonly set: CertificateSet;
  readonly caBundle: string;
  readonly changed: boolean;
}

/** The set that should be in use now. What makes certificates is loaded only where one has to be made. */
export async function nextCertificates(
  current: CertificateSet | undefined,
  { names, now }: { readonly names: readonly string[]; readonly now: Date },
): Promise<NextCertificates> {
  const set = await renewed(current, names, now);
  return { set, caBundle: caBundleOf(set), changed: set !== current };
}

async function renewed(
  current: CertificateSet | undefined,
  names: readonly string[],
  now: Date,
): Promise<CertificateSet> {
  const renewal = renewalOf(current, names, now);
  if (current === undefined || renewal === "everything") {
    const { issueEverything } = await import("./issue-certificates.ts");
    return issueEverything(current, names, now);
  }
  if (renewal === "nothing") return current;
  const { ca, leaf } = current;
  if (renewal === "drop-previous") return { ca, leaf };
  const { issueLeaf } = await import("./issue-certificates.ts");
  return { ...current, leaf: await issueLeaf(ca, names, now) };
}
