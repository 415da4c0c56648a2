import { openWriterOfUser } from "../../composition/index.ts";
import {
  ANNOTATIONS,
  type Attachment,
  type Attachments,
  type Attestation,
  digestOf,
  type Evidence,
  Fault,
  linkAbort,
  type PinnedImage,
  PREDICATE_TYPES,
  printable,
  provenSince,
  type TrustSnapshot,
} from "../../core/index.ts";
import { newestSummaries, SUMMARY_TYPES } from "../../policy/index.ts";
import type { OwnSummary, SummaryPort } from "../../promotion/index.ts";
import { patient, registrySettings, type RegistryOptions } from "../offline-gate.ts";
import type { OpenedSigner } from "../open-signer.ts";
import type { OpenedJudge } from "./open-judge.ts";

const BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json";
const TYPE = PREDICATE_TYPES.summaryV1;

/** Of each request for one image. */
interface Bounds extends RegistryOptions {
  /** Seconds. */
  readonly timeout: number;
}

/** What reads, signs and writes summaries: verified by the trust roots of the policy, or by the signer's own key. */
export function openSummaries(
  signer: OpenedSigner,
  { registry, trust, verifier }: OpenedJudge,
  options: Bounds,
): SummaryPort & { readonly close: () => Promise<void> } {
  const writer = openWriterOfUser(patient(registrySettings(options)));
  const within = createWithin(options.timeout * 1000);
  const evidenceOf = (attachments: Attachments): Promise<Evidence> =>
    verifier.verify(attachments, trusting(trust(), signer), new Date());
  return {
    read: (image, signal) =>
      within(signal, async (bounded) => {
        const wanted = { wantsPredicate: isOfSummary };
        const evidence = await evidenceOf(await registry.attachments(image, {}, wanted, bounded));
        const [gap] = evidence.gaps;
        if (gap !== undefined) throw new Fault(gap.code, gap.message); // what was not read may be ours
        return newestOf(evidence, signer);
      }),
    sign: signer.sign,
    check: async (image, bundle) => checked(await evidenceOf(justSigned(image, bundle)), signer),
    attach: (image, bundle, signal) =>
      within(signal, (bounded) => writer.attach(image, artifactOf(bundle), {}, bounded)),
    tagged: (image, tag, signal) =>
      within(signal, (bounded) =>
        registry.resolve({ registry: image.registry, repository: image.repository, tag }, {}, bounded),
      ),
    tag: (image, tag, signal) => within(signal, (bounded) => writer.tag(image, tag, {}, bounded)),
    close: writer.close,
  };
}

function createWithin(
  ms: number,
): <T>(signal: AbortSignal, work: (signal: AbortSignal) => Promise<T>) => Promise<T> {
  return async (signal, work) => {
    const linked = linkAbort(signal, ms);
    try {
      return await work(linked.signal);
    } finally {
      linked.release();
    }
  };
}

/** The policy's trust roots, and of keys the signer's own: the policy need not name it to tell what it signed. */
function trusting(trust: TrustSnapshot, { key }: OpenedSigner): TrustSnapshot {
  if (key === undefined) return trust;
  return { ...trust, keys: [key], generation: digestOf(`${trust.generation} ${key.fingerprint}`) };
}

function isOfSummary(hint: string | undefined): boolean {
  return hint === undefined || SUMMARY_TYPES.includes(hint);
}

/** What the gate counts of this signer's. Throws a Fault where one cannot be read: the gate refuses by it, whatever else is there. */
function newestOf({ attestations }: Evidence, signer: OpenedSigner): OwnSummary[] {
  const own = attestations.filter((each) => isOfSummary(each.predicateType) && signer.isOwn(each.signer));
  const broken = own.find(({ summary }) => summary === undefined);
  if (broken !== undefined)
    throw new Fault(
      "registry/invalid",
      `a summary by this signer (${broken.attachment}) cannot be read: ${printable(broken.unreadable ?? "it holds none", 200)}; have it removed from the registry`,
    );
  return newestSummaries(own).flatMap((each) => ownSummary(each, signer));
}

function ownSummary(attestation: Attestation, { isOwn }: OpenedSigner): OwnSummary[] {
  const { signer, summary, predicateType } = attestation;
  if (!isOfSummary(predicateType) || summary === undefined || !isOwn(signer)) return [];
  const at = provenSince(attestation);
  return [{ summary, ...(at !== undefined && { at }) }];
}

function justSigned({ digest: subject }: PinnedImage, bytes: Buffer): Attachments {
  const { mediaType, annotations } = artifactOf(bytes);
  const attachment: Attachment = { form: "bundle", mediaType, digest: digestOf(bytes), bytes, annotations };
  return { subject, found: [attachment], gaps: [], skipped: [], searched: [] };
}

function checked(evidence: Evidence, signer: OpenedSigner): OwnSummary | string {
  const [own] = evidence.attestations.flatMap((each) => ownSummary(each, signer));
  if (own !== undefined) return own;
  const [other] = evidence.attestations;
  if (other?.signer.kind === "keyless")
    return `its certificate is for ${other.signer.identity} by ${other.signer.issuer}, not for ${signer.name}`;
  const why = evidence.rejections[0]?.message ?? other?.unreadable ?? "nothing was found in it";
  return `${why}; the policy's trust roots have to include the signer's`;
}

function artifactOf(bytes: Buffer) {
  return {
    artifactType: BUNDLE,
    mediaType: BUNDLE,
    bytes,
    annotations: {
      [ANNOTATIONS.bundleContent]: "dsse-envelope",
      [ANNOTATIONS.bundlePredicateType]: TYPE,
      [ANNOTATIONS.created]: new Date().toISOString(),
    },
  };
}
