import type { Signer } from "../core/index.ts";
import { UsageError } from "../core/index.ts";
import {
  createKeylessSigner,
  createKeySigner,
  readPrivateKey,
  type SigningServices,
  type StatementSigner,
} from "../signing/index.ts";
import { readText } from "./terminal.ts";

const FROM_ENVIRONMENT = "env://";

/** Who signs. */
export interface SignerOptions extends SigningServices {
  /** A file, or `env://NAME`; a certificate for each signature where absent. */
  readonly key?: string;
  readonly certificateIdentity?: string;
  readonly certificateOidcIssuer?: string;
  readonly identityTokenFile?: string;
  readonly fulcioUrl?: string;
}

/** What signs, and how to tell its signatures from those of others. */
export interface OpenedSigner extends StatementSigner {
  /** Fingerprint of the key, or the certificate's identity. */
  readonly name: string;
  readonly isOwn: (signer: Signer) => boolean;
}

/** Throws UsageError where it cannot be used. */
export function openSigner(options: SignerOptions, env: NodeJS.ProcessEnv): OpenedSigner {
  const { key, certificateIdentity: identity, certificateOidcIssuer: issuer, identityTokenFile } = options;
  const isKeyless = identity !== undefined || issuer !== undefined;
  if (key !== undefined && isKeyless) throw new UsageError("give either --key or --certificate-identity");
  if (key !== undefined) return byKey(key, options, env);
  if (identity === undefined || issuer === undefined)
    throw new UsageError(
      "name the signer: --key, or --certificate-identity with --certificate-oidc-issuer for keyless signing",
    );
  const { fulcioUrl } = options;
  const signer = createKeylessSigner({
    ...servicesIn(options),
    ...(fulcioUrl !== undefined && { fulcioUrl }),
    ...(identityTokenFile !== undefined && { token: tokenIn(identityTokenFile) }),
  });
  const isOwn = (by: Signer): boolean =>
    by.kind === "keyless" && by.identity === identity && by.issuer === issuer;
  return { ...signer, name: identity, isOwn };
}

function byKey(key: string, options: SignerOptions, env: NodeJS.ProcessEnv): OpenedSigner {
  const password = env["COSIGN_PASSWORD"];
  const pem = textOf(key, env);
  const privateKey = readPrivateKey({ pem, name: key, ...(password !== undefined && { password }) });
  const signer = createKeySigner(privateKey, servicesIn(options));
  const { fingerprint } = signer.key!;
  const isOwn = (by: Signer): boolean => by.kind === "key" && by.fingerprint === fingerprint;
  return { ...signer, name: fingerprint, isOwn };
}

/** A PEM block, one in Base64 as in a Kubernetes Secret, or DER in Base64. */
const KEY_ITSELF = /-----BEGIN|[\r\n]|^(?:env:\/\/)?(?:LS0tLS1CRUdJT|MI[\w+/=]{80,}$)/;
/** A JWT: its header is an object, so its Base64 begins like this. */
const TOKEN_ITSELF = /^\s*eyJ[\w-]+\.|[\r\n]/;

/** Throws UsageErrors that repeat nothing of what was given: a secret does not belong in a log. */
function textOf(key: string, env: NodeJS.ProcessEnv): string {
  if (KEY_ITSELF.test(key))
    throw new UsageError("--key takes a file, not the key itself; give env://NAME for a key in a variable");
  if (!key.startsWith(FROM_ENVIRONMENT)) return readText(key);
  const name = key.slice(FROM_ENVIRONMENT.length);
  const text = env[name];
  if (text === undefined || text === "") throw new UsageError(`${key}: ${name} is not set`);
  return text;
}

function tokenIn(file: string): string {
  if (TOKEN_ITSELF.test(file))
    throw new UsageError(
      "--identity-token-file takes a file, not the token itself; put a token in the variable SIGSTORE_ID_TOKEN instead",
    );
  return readText(file).trim();
}

function servicesIn({ rekorUrl, tsaUrl }: SigningServices): SigningServices {
  return { ...(rekorUrl !== undefined && { rekorUrl }), ...(tsaUrl !== undefined && { tsaUrl }) };
}
