import { createHash, createPublicKey, type KeyObject, sign } from "node:crypto";

import { bundleToJSON, type BundleWithDsseEnvelope } from "@sigstore/bundle";
import {
  CIContextProvider,
  DEFAULT_FULCIO_URL,
  DEFAULT_REKOR_URL,
  DSSEBundleBuilder,
  FulcioSigner,
  RekorWitness,
  TSAWitness,
} from "@sigstore/sign";

import { parsePublicKey, printable, type PublicKey, UsageError } from "../core/index.ts";

type Signer = ConstructorParameters<typeof DSSEBundleBuilder>[0]["signer"];
type Witness = ConstructorParameters<typeof DSSEBundleBuilder>[0]["witnesses"][number];

const IN_TOTO = "application/vnd.in-toto+json";
const TIMEOUT_MS = 20_000;
const RETRIES = 3;

/** What vouches for when something was signed. */
export interface SigningServices {
  /** A transparency log (Rekor v1). What is signed becomes public there. */
  readonly rekorUrl?: string;
  /** A timestamp authority (RFC 3161). */
  readonly tsaUrl?: string;
}

/** Who signs, and where the certificates are from. */
export interface KeylessOptions extends SigningServices {
  /** The identity token; of the CI system that this runs in where absent. */
  readonly token?: string;
  /** The public instance where absent. */
  readonly fulcioUrl?: string;
}

/** Signs in-toto statements. */
export interface StatementSigner {
  /** The key that verifies what is signed; absent where each signature has a certificate. */
  readonly key?: PublicKey;
  /** Never rejects. */
  readonly sign: (statement: object) => Promise<Signed>;
}

/** A Sigstore bundle v0.3 as JSON, or one clause why there is none, which holds no token. */
export type Signed =
  | { readonly ok: true; readonly bundle: Buffer }
  | { readonly ok: false; readonly why: string };

/** Signs with a private key on P-256. Without a service nothing vouches for the time. Throws UsageError for a bad address. */
export function createKeySigner(key: KeyObject, services: SigningServices): StatementSigner {
  const publicKey = createPublicKey(key);
  const pem = publicKey.export({ format: "pem", type: "spki" }).toString();
  const parsed = parsePublicKey(pem);
  if (!parsed.ok) throw new UsageError(`the signing key cannot be used: ${parsed.why}`);
  const spki = publicKey.export({ format: "der", type: "spki" });
  const hint = createHash("sha256").update(spki).digest("base64"); // as cosign names keys: pkg/cosign/bundle/sign.go
  const signer: Signer = {
    sign: async (data) => ({
      signature: sign("sha256", data, key),
      key: { $case: "publicKey", publicKey: pem, hint },
    }),
  };
  return { key: parsed.key, sign: signWith(signer, witnessesOf(services)) };
}

/** Signs with a fresh certificate for each statement. Throws UsageError for a bad address. */
export function createKeylessSigner({
  token,
  fulcioUrl,
  rekorUrl,
  ...rest
}: KeylessOptions): StatementSigner {
  const signer = new FulcioSigner({
    fulcioBaseURL: addressOf(fulcioUrl ?? DEFAULT_FULCIO_URL),
    identityProvider: token === undefined ? new CIContextProvider() : { getToken: async () => token },
    timeout: TIMEOUT_MS,
    retry: RETRIES,
  });
  return { sign: signWith(signer, witnessesOf({ rekorUrl: rekorUrl ?? DEFAULT_REKOR_URL, ...rest })) };
}

function witnessesOf({ rekorUrl, tsaUrl }: SigningServices): Witness[] {
  const patience = { timeout: TIMEOUT_MS, retry: RETRIES };
  const log = rekorUrl === undefined ? [] : [{ ...patience, rekorBaseURL: addressOf(rekorUrl) }];
  const authority = tsaUrl === undefined ? [] : [{ ...patience, tsaBaseURL: addressOf(tsaUrl) }];
  return [
    ...log.map((options) => new RekorWitness({ ...options, entryType: "dsse" })),
    ...authority.map((options) => new TSAWitness(options)),
  ];
}

/** Identity tokens are sent there: never in the clear, but on this machine. */
function addressOf(text: string): string {
  const url = URL.parse(text);
  const isLocal = url !== null && ["127.0.0.1", "[::1]", "localhost"].includes(url.hostname);
  if (url?.protocol !== "https:" && !(url?.protocol === "http:" && isLocal))
    throw new UsageError(`${text} is not an https:// address of a signing service`);
  return text.replace(/\/+$/, "");
}

function signWith(signer: Signer, witnesses: Witness[]): StatementSigner["sign"] {
  const builder = new EnvelopeBuilder({ signer, witnesses });
  return async (statement) => {
    try {
      const bundle = await builder.create({ data: Buffer.from(JSON.stringify(statement)), type: IN_TOTO });
      return { ok: true, bundle: Buffer.from(JSON.stringify(bundleToJSON(bundle))) };
    } catch (error) {
      return { ok: false, why: reasonOf(error) };
    }
  };
}

/** cosign 3 finds no signature where its keyid is filled: the key is named next to the envelope alone. */
class EnvelopeBuilder extends DSSEBundleBuilder {
  protected override async package(
    ...parts: Parameters<DSSEBundleBuilder["package"]>
  ): Promise<BundleWithDsseEnvelope> {
    const bundle = await super.package(...parts);
    for (const signature of bundle.content.dsseEnvelope.signatures) signature.keyid = "";
    return bundle;
  }
}

/** By step, since a message of the library may repeat the identity token. */
const STEPS: Readonly<Record<string, string>> = {
  CA_CREATE_SIGNING_CERTIFICATE_ERROR: "the certificate authority gave no certificate",
  TLOG_CREATE_ENTRY_ERROR: "the transparency log made no entry",
  TLOG_FETCH_ENTRY_ERROR: "the transparency log made no entry",
  TSA_CREATE_TIMESTAMP_ERROR: "the timestamp authority gave no timestamp",
  IDENTITY_TOKEN_READ_ERROR: "there is no identity token (SIGSTORE_ID_TOKEN)",
  IDENTITY_TOKEN_PARSE_ERROR: "the identity token is not one",
};

function reasonOf(error: unknown): string {
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  const step = typeof code === "string" ? STEPS[code] : undefined;
  if (step === undefined) return "nothing could be signed";
  const status = (cause as { readonly statusCode?: unknown } | undefined)?.statusCode;
  return printable(typeof status === "number" ? `${step}: HTTP ${status}` : step, 200);
}
