import { z } from "zod";

import {
  type CertificateClaims,
  deadIdentity,
  deadIssuer,
  deadRef,
  deadSource,
  type DeadText,
  exactly,
  hasFullRefs,
  isExact,
  parsePublicKey,
  type Pattern,
  type PublicKey,
  TextMatcher,
  Name,
} from "../core/index.ts";

/** Certificate claims that an authority may pin, in the order of the reference. Source: sigstore/fulcio docs/oid-info.md. */
export const CLAIMS = {
  sourceRepositoryURI: "The source repository, such as https://github.com/acme/app.",
  sourceRepositoryRef: "The git ref that was built, such as refs/heads/main.",
  sourceRepositoryOwnerURI: "The owner of the source repository, such as https://github.com/acme.",
  sourceRepositoryIdentifier:
    "The source repository's id: it survives a rename, and a new repository with an old name has a different one.",
  sourceRepositoryOwnerIdentifier: "The owner's id.",
  sourceRepositoryVisibilityAtSigning: "public, private or internal, at build time.",
  buildSignerURI:
    "The workflow that requested the certificate, with its ref: a reusable workflow names itself here.",
  buildSignerDigest: "The commit of that workflow.",
  buildConfigURI: "The workflow that was started, with its ref: the caller of a reusable workflow.",
  runnerEnvironment: "github-hosted or self-hosted, or another CI system's term.",
  buildTrigger: "The event that started the build, such as push or release.",
  githubWorkflowName: "The workflow's name.",
} as const satisfies Partial<Record<keyof CertificateClaims, string>>;
/** The name of such a claim. */
export type ClaimName = keyof typeof CLAIMS;

const Claims = z.strictObject(
  Object.fromEntries(
    Object.entries(CLAIMS).map(([claim, text]) => [claim, TextMatcher.optional().describe(text)]),
  ) as Record<ClaimName, z.ZodOptional<typeof TextMatcher>>,
);

const Pem = z.string().transform((text, context): PublicKey => {
  const parsed = parsePublicKey(text);
  if (parsed.ok) return parsed.key;
  context.addIssue({
    code: "custom",
    params: { rule: "bad-key" },
    message: `The public key: ${parsed.why}.`,
  });
  return z.NEVER;
});

const Keyless = z
  .strictObject({
    trustRoot: Name.describe("The trust root that must have issued the certificate."),
    issuer: z
      .string()
      .min(1, { abort: true, error: "Empty: it would accept any issuer." })
      .max(512)
      .transform(exactly)
      .describe("The OIDC issuer, exactly."),
    identity: TextMatcher.describe("The certificate's SAN: exact text, or a pattern."),
    claims: Claims.default({}).describe(
      "Additional certificate claims that must hold. Pin sourceRepositoryURI with a shared reusable workflow: its identity is the same for every caller.",
    ),
  })
  .superRefine((authority, context) => {
    if (context.issues.length > 0) return; // what broke another rule may not be compiled
    for (const [path, why] of deadTexts(authority)) {
      const message = `It can never match: ${why}.`;
      context.addIssue({ code: "custom", path: [...path], params: { rule: "never-matches" }, message });
    }
  });

interface Exact {
  readonly issuer: Pattern;
  readonly identity: Pattern;
  readonly claims: Readonly<Partial<Record<ClaimName, Pattern | undefined>>>;
}

/** Exact texts that no certificate holds, by their place in the authority. */
function deadTexts({ issuer, identity, claims }: Exact): (readonly [path: readonly string[], why: string])[] {
  const ofIssuer = (text: string): DeadText => deadIdentity(text, issuer.source);
  const ofClaim: Partial<Record<ClaimName, (text: string) => DeadText>> = {
    sourceRepositoryURI: deadSource,
    sourceRepositoryOwnerURI: (text) => deadSource(text, "owner"),
    buildSignerURI: ofIssuer,
    buildConfigURI: ofIssuer,
    ...(hasFullRefs(issuer.source) && { sourceRepositoryRef: deadRef }),
  };
  const texts: (readonly [
    readonly string[],
    Pattern | undefined,
    ((text: string) => DeadText) | undefined,
  ])[] = [
    [["issuer"], issuer, deadIssuer],
    [["identity"], identity, ofIssuer],
    ...(Object.keys(CLAIMS) as ClaimName[]).map(
      (claim) => [["claims", claim], claims[claim], ofClaim[claim] ?? deadIdentity] as const,
    ),
  ];
  return texts.flatMap(([path, pattern, dead]) => {
    const why = pattern !== undefined && isExact(pattern) ? dead?.(pattern.source) : undefined;
    return why === undefined ? [] : [[path, why] as const];
  });
}

const Key = z
  .strictObject({
    pem: Pem.optional().describe("The public key as PEM."),
    secret: z
      .strictObject({
        name: z
          .string()
          .regex(/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/, "A Secret's name is a DNS subdomain.")
          .describe("The Secret's name."),
        key: z
          .string()
          .regex(/^[A-Za-z0-9._-]{1,253}$/, "A key is letters, digits, dots, dashes and underscores.")
          .describe("The key in its data."),
      })
      .optional()
      .describe("A Secret in the gate's namespace with the PEM."),
    transparencyLogNotRequiredUnsafe: z
      .boolean()
      .default(false)
      .describe(
        "Accept a signature that is not in the transparency log of any trust root. Nothing then shows when it was made.",
      ),
  })
  .refine(({ pem, secret }) => (pem === undefined) !== (secret === undefined), {
    params: { rule: "one-of" },
    message: "Give the key either as pem or as secret.",
  });

/** Whom a rule may trust: a certificate identity, or a public key. */
export const AuthorityDocument = z
  .strictObject({
    keyless: Keyless.optional().describe("A certificate identity."),
    key: Key.optional().describe("A public key."),
  })
  .refine(({ keyless, key }) => (keyless === undefined) !== (key === undefined), {
    params: { rule: "one-of" },
    message: "Give either keyless or key.",
  });
export type AuthorityDocument = z.infer<typeof AuthorityDocument>;
/** What identifies the signers of an authority with certificates. */
export type KeylessDocument = z.infer<typeof Keyless>;
/** The key of an authority. */
export type KeyDocument = z.infer<typeof Key>;
