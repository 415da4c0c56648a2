import { addAuthority, type ImportContext, lose, type RootText } from "./draft.ts";
import type { Path } from "./incompatibility.ts";
import { onlyText, searchPattern, type Text, wildcardText } from "./texts.ts";

const PUBLIC_GOOD = "public-good";
const ONE_ISSUER = "an authority here names one issuer exactly; write one for each. It accepts no image";
const SECRET_KEY = "cosign.pub";
const PEM_BLOCK = /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g;

/** A certificate identity as sigstore's policy-controller and Kyverno's newer policies name it. */
export interface ForeignIdentity {
  readonly issuer?: string | undefined;
  readonly issuerRegExp?: string | undefined;
  readonly subject?: string | undefined;
  readonly subjectRegExp?: string | undefined;
}

/** What is asked of a Sigstore instance in addition to its name. */
export interface RootNeeds {
  /** The name that the foreign document gives it; the public-good instance where absent. */
  readonly name?: string | undefined;
  /** False where no log entry is asked for. */
  readonly logged?: boolean;
  /** False where no signed certificate timestamp is asked for. */
  readonly certified?: boolean;
}

/** The name of the trust root for these needs, added where it is not there; undefined where its text was not given. */
export function trustRootFor(context: ImportContext, needs: RootNeeds): string | undefined {
  const { name = PUBLIC_GOOD, logged = true, certified = true } = needs;
  const root = rootOf(context.options.trustRoots.get(name), { name, logged, certified });
  if (root === undefined) return undefined;
  const base = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9.-]+/g, "-")
    .slice(0, 40);
  const full = `${base}${logged ? "" : "-no-log"}${certified ? "" : "-no-sct"}`;
  context.draft.trustRoots.set(full, root);
  return full;
}

function rootOf(
  trustedRoot: string | undefined,
  { name, logged, certified }: Required<RootNeeds>,
): RootText | undefined {
  if (trustedRoot === undefined)
    return name === PUBLIC_GOOD && logged && certified ? { source: "publicGood" } : undefined;
  return {
    source: "inline",
    trustedRoot,
    ...(!logged && ({ transparencyLogNotRequiredUnsafe: true } as const)),
    ...(!certified && ({ certificateTransparencyNotRequiredUnsafe: true } as const)),
  };
}

/** What an identity is looked for with. */
export interface IdentityFrame {
  readonly name: string;
  /** Undefined where it is not known: then no one passes. */
  readonly trustRoot: string | undefined;
  /** Further claims of the certificate; undefined where ours cannot say them. */
  readonly claims?: Readonly<Record<string, string>> | undefined;
  /** Whether `*` and `?` represent other text. */
  readonly wildcards?: boolean;
}

/** An authority for one identity; one that no one can be where our policy cannot say whom it means. */
export function identityAuthority(
  context: ImportContext,
  { name, trustRoot, claims = {}, wildcards = false }: IdentityFrame,
  identity: ForeignIdentity,
  path: Path,
): string {
  const issuer = issuerOf(context, identity, { wildcards, path });
  const subject = subjectOf(identity, wildcards);
  if (subject === undefined)
    lose(context, path, "stricter", "it names no subject, so anyone of the issuer would count; no one does");
  if (trustRoot === undefined || issuer === undefined || subject === undefined)
    return addAuthority(context, name, undefined, path);
  const more = Object.keys(claims).length > 0 ? { claims } : {};
  return addAuthority(context, name, { keyless: { trustRoot, issuer, identity: subject, ...more } }, path);
}

function subjectOf({ subject, subjectRegExp }: ForeignIdentity, wildcards: boolean): Text | undefined {
  if (subjectRegExp !== undefined) return searchPattern(subjectRegExp);
  return subject !== undefined && wildcards ? wildcardText(subject) : subject;
}

function issuerOf(
  context: ImportContext,
  { issuer, issuerRegExp }: ForeignIdentity,
  { wildcards, path }: { readonly wildcards: boolean; readonly path: Path },
): string | undefined {
  if (issuerRegExp !== undefined) return onlyIssuer(context, issuerRegExp, [...path, "issuerRegExp"]);
  if (issuer === undefined)
    lose(context, path, "stricter", "it names no issuer, so anyone with that name would count; no one does");
  else if (wildcards && /[*?]/.test(issuer)) {
    lose(context, [...path, "issuer"], "stricter", ONE_ISSUER);
    return undefined;
  }
  return issuer;
}

/** The one issuer that an expression means: an address, written out where the expression looks for its end alone. */
function onlyIssuer(context: ImportContext, expression: string, path: Path): string | undefined {
  const text = onlyText(expression);
  if (text === undefined) {
    lose(context, path, "stricter", ONE_ISSUER);
    return undefined;
  }
  const only = expression.startsWith("^") || text.includes("://") ? text : `https://${text}`;
  if (`^${only}$` !== expression.replaceAll("\\", ""))
    lose(context, path, "stricter", `it matches a part of the issuer; here only ${only} itself counts`);
  return only;
}

/** Where a public key is. */
export interface ForeignKey {
  readonly pem?: string | undefined;
  readonly secret?: { readonly name: string; readonly namespace?: string | undefined } | undefined;
  readonly logged: boolean;
}

/** An authority for each key: one text may hold several. */
export function keyAuthorities(
  context: ImportContext,
  name: string,
  { pem, secret, logged }: ForeignKey,
  path: Path,
): string[] {
  const log = logged ? {} : ({ transparencyLogNotRequiredUnsafe: true } as const);
  if (logged && context.draft.trustRoots.size === 0) trustRootFor(context, {});
  if (secret !== undefined) {
    const from = secret.namespace === undefined ? "" : ` from the namespace ${secret.namespace}`;
    const why = `copy the Secret${from} into the gate's namespace, with the key under ${SECRET_KEY}`;
    lose(context, path, "differs", why);
    const key = { secret: { name: secret.name, key: SECRET_KEY }, ...log };
    return [addAuthority(context, name, { key }, path)];
  }
  const blocks = pem?.match(PEM_BLOCK) ?? [pem ?? ""];
  return blocks.map((block) => addAuthority(context, name, { key: { pem: `${block}\n`, ...log } }, path));
}
