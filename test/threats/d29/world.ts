import {
  asFault,
  digestOf,
  gateOf,
  type ImageRef,
  type Objection,
  parsePublicKey,
  type PublicKey,
  type TrustSnapshot,
} from "../../../src/core/index.ts";
import { approvalProblem } from "../../../src/gate/approvals/approved.ts";
import { withContents } from "../../../src/gate/composition.ts";
import { isLacking } from "../../../src/gate/examined.ts";
import { Readings } from "../../../src/gate/readings.ts";
import { judge, type Plan, plan, type Policy, unmatched } from "../../../src/policy/index.ts";
import { NO_REVOCATIONS } from "../../../src/revocations/index.ts";
import { createTrust } from "../../../src/trust/index.ts";
import { verifyAttachments } from "../../../src/verify/index.ts";
import { approvalPayload, parseWaivers, type Waiver, type WaiverEntry } from "../../../src/waivers/index.ts";
import { anImage, aPolicy } from "../../support/policies.ts";
import {
  attachmentsOf,
  attestation,
  cosignSign,
  type FormedLayer,
  provenance,
  publicKeyOf,
} from "../../support/signed-layers.ts";
import { createSigstore, type Identity, keyPair } from "../../support/sigstore.ts";
import type { Json, Row } from "./row.ts";

const DAY = 86_400_000;
/** Who issues the identities of these policies. */
export const GITHUB = "https://token.actions.githubusercontent.com";
/** Authority a. */
export const RELEASE = "https://github.com/acme/app/.github/workflows/release.yml@refs/heads/main";
/** Authority b; nobody is c. */
const SECOND = "https://github.com/acme/app/.github/workflows/second.yml@refs/heads/main";
/** The image that everything is signed for. */
export const subject = digestOf("an image");
/** When everything is signed and judged. */
export const now = new Date();

const ours = await createSigstore();
const other = await createSigstore({ logUrl: "https://rekor.other.test" });
const withoutSct = await createSigstore({ sct: false });
/** Trust roots by their path. */
export const FILES: Readonly<Record<string, string>> = {
  "/roots/ours.json": JSON.stringify(ours.trustedRoot),
  "/roots/other.json": JSON.stringify(other.trustedRoot),
  "/roots/unlogged.json": JSON.stringify({ ...ours.trustedRoot, tlogs: [] }),
};
/** The trust root of an instance without certificate transparency. */
export const BARE_ROOT = JSON.stringify(withoutSct.trustedRoot);
const release = await ours.identity({ claims: { buildConfig: RELEASE } });
const second = await ours.identity({ san: SECOND });
const keys = { right: keyPair(), wrong: keyPair() };
/** The key that signs, and one that does not. */
export const pem = { right: publicKeyOf(keys.right).pem, wrong: publicKeyOf(keys.wrong).pem };
const SECRETS: Readonly<Record<string, string>> = {
  "secret/cosign/cosign.pub": pem.right,
  "secret/cosign/other.pub": pem.wrong,
  "secret/other/cosign.pub": pem.wrong,
};

/** An attestation by authority a. */
export function stated(predicateType: string, predicate: unknown): Promise<FormedLayer> {
  return attestation(predicateType, predicate).bundle(ours, release, subject);
}

/** The same attestation by a and b. */
export async function statedByBoth(predicateType: string, predicate: unknown): Promise<FormedLayer[]> {
  const both = [release, second].map((who) =>
    attestation(predicateType, predicate).bundle(ours, who, subject),
  );
  return Promise.all(both);
}

async function signed(
  sigstore = ours,
  who: Identity = release,
  how: Parameters<typeof cosignSign.bundle>[3] = {},
): Promise<FormedLayer[]> {
  return [
    await cosignSign.bundle(sigstore, who, subject, how),
    await provenance.bundle(sigstore, who, subject, how),
  ];
}

/** Signatures and provenance by the way they were made. */
export const LAYERS = {
  release: await signed(),
  unlogged: await signed(ours, release, { rekor: "none", timestamps: 1 }),
  withoutSct: await signed(withoutSct, await withoutSct.identity()),
  byKey: await signed(ours, keys.right),
  byKeyUnlogged: await signed(ours, keys.right, { rekor: "none" }),
  legacy: [await cosignSign.legacy(ours, release, subject), ...(await signed()).slice(1)],
  byBoth: [...(await signed()), ...(await signed(ours, second))],
};

/** A policy that passes LAYERS.release. */
export const BASE: Json = {
  trustRoots: { main: { source: "file", path: "/roots/ours.json" } },
  authorities: {
    a: keyless(RELEASE),
    b: keyless(SECOND),
    c: keyless("https://github.com/acme/nobody/.github/workflows/none.yml@refs/heads/main"),
  },
  rules: [
    {
      name: "r",
      images: ["ghcr.io/acme/app"],
      require: { signature: { anyOf: ["a"] }, provenance: { anyOf: ["a"] } },
    },
  ],
};

function keyless(identity: string): Json {
  return { keyless: { trustRoot: "main", issuer: GITHUB, identity } };
}

const WHERE = { image: "x", place: 'container "web"' };

/** Everything that decides, from the text on: the verdict as rule and code, or the fault. */
export function verdict(
  document: Json,
  {
    layers = LAYERS.release,
    image,
    checkpoint,
    daysLater = 0,
    isWording,
    waiver,
  }: Omit<Row, "knob" | "at" | "flip"> = {},
): string {
  const policy = aPolicy(JSON.stringify(document));
  const ref = anImage(image ?? `ghcr.io/acme/app@${subject}`);
  const asked = plan(policy, { image: ref, namespace: "shop" }, { copiesCount: false });
  if (asked.kind === "unmatched") return `unmatched ${unmatched(policy, WHERE, ref).length}`;
  try {
    const trust = snapshotFor(policy);
    const evidence = verifyAttachments(attachmentsOf(subject, layers), trust, now, asked);
    const later = new Date(now.getTime() + daysLater * DAY);
    const judged = {
      policy,
      copiesCount: false,
      rules: asked.rules,
      subject: WHERE,
      image: ref,
      namespace: "shop",
      evidence,
      keys: trust.keys,
      now: later,
    };
    const approved = waiver !== undefined && isApproved(waiver, policy, trust);
    const objections = [...judge(judged), ...objectionsToContents(ref, asked, checkpoint)];
    return objections
      .filter((finding) => !approved || gateOf(finding.code) !== waiver.class)
      .map(({ rule, code, message }) => `${rule}: ${isWording ? message : code}`)
      .join(", ");
  } catch (error) {
    return asFault(error).code;
  }
}

/** What speaks against what an image is made of. */
function objectionsToContents(
  image: ImageRef,
  { checkpoints }: Extract<Plan, { readonly kind: "rules" }>,
  checkpoint: string | undefined,
): readonly Objection[] {
  const where = { image: "x", place: 'container "web"' };
  const readings = new Readings();
  const pinned = { ...image, digest: subject };
  readings.setContents(pinned, { value: { digests: [subject], parts: [], absent: [], checkpoint } });
  const examined = { judged: { image: "x", rules: [], proofs: [] }, objections: [] };
  const before = { examined, revocations: NO_REVOCATIONS, checkpoints, readings, request: { access: {} } };
  const found = withContents(where, pinned, before);
  if (isLacking(found)) throw new Error("nothing else is asked of an image");
  return found.objections;
}

function isApproved(waiver: Waiver, { approvers }: Policy, trust: TrustSnapshot): boolean {
  if (approvers === undefined) return true;
  const proofs = waiver.approvals.map(({ bundle, signs = "" }) => {
    const bytes = Buffer.from(bundle ?? "");
    const annotations = { "dev.mc-gate.content": signs };
    const layer = { form: "blob", mediaType: "", bytes, annotations } as const;
    const { signatures } = verifyAttachments(attachmentsOf(digestOf(signs), [layer]), trust, now);
    return signatures.length > 0 ? signatures : "unsigned";
  });
  return (
    approvalProblem(waiver, proofs, { approvers, keys: trust.keys, revocations: NO_REVOCATIONS }) ===
    undefined
  );
}

/** A waiver of missing signatures that sam approved, signed by authority a or by nobody. */
export async function approvedWaiver(isSigned: boolean): Promise<Waiver> {
  const consent = { by: "sam", seat: "devsecops" };
  const entry: WaiverEntry = {
    id: "W-1",
    class: "signature",
    digest: subject,
    reason: "The supplier signs from the next release on.",
    owners: ["team-shop"],
    created: "2026-11-24T08:00:00Z",
    ttl: "2d",
  };
  const bytes = Buffer.from(approvalPayload(entry, consent)!);
  const bundle = JSON.stringify(await ours.messageBundle(release, bytes));
  const approval = { ...consent, at: entry.created, ...(isSigned && { bundle }) };
  const parsed = parseWaivers(JSON.stringify({ waivers: [{ ...entry, approvals: [approval] }] }));
  if (!parsed.ok || parsed.value.waivers.length === 0) throw new Error(JSON.stringify(parsed));
  return parsed.value.waivers[0]!;
}

function snapshotFor(policy: Policy): ReturnType<ReturnType<typeof createTrust>["snapshot"]> {
  const trust = createTrust({
    now: () => now,
    publicGood: () => ({ text: FILES["/roots/ours.json"]!, since: now }),
    readFile: (path) => (path === "/roots/bare.json" ? BARE_ROOT : (FILES[path] ?? "")),
    onProblem: () => undefined,
  });
  const read = policy.secretKeys.map(({ id }): PublicKey => {
    const parsed = parsePublicKey(SECRETS[id] ?? "");
    if (!parsed.ok) throw new Error(parsed.why);
    return { ...parsed.key, id };
  });
  trust.use({ roots: policy.trustRoots, keys: [...policy.keys, ...read], missingKeys: [] });
  return trust.snapshot();
}
