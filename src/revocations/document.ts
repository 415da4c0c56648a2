import { z } from "zod";

import {
  Approval,
  deadIdentity,
  deadIssuer,
  deadSource,
  type DeadText,
  Digest,
  Instant,
  isExact,
  lineOf,
  type Pattern,
  Person,
  TextMatcher,
} from "../core/index.ts";
import { ApiVersion } from "../documents/index.ts";

const MAX = 20_000;
const DAY = 24 * 3_600_000;

const Id = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "An id is 1 to 64 letters, digits, dots, dashes and underscores.",
  );

/** One revocation as it is written: what is void (a signer, a key or a digest), and within which window. */
export const RevocationDocument = z
  .strictObject({
    id: Id.describe("Stable name, shown in refusals."),
    issuer: lineOf(512)
      .optional()
      .describe("The OIDC issuer of the identity, exactly; needed for identity and sourceRepository."),
    identity: TextMatcher.optional().describe(
      "The certificate's identity: exact text, or an anchored pattern.",
    ),
    sourceRepository: TextMatcher.optional().describe(
      "The certificate's source repository; alone, or to narrow an identity.",
    ),
    key: Digest.optional().describe("Fingerprint of a key: `sha256:` of its DER SubjectPublicKeyInfo."),
    digest: Digest.optional().describe("A revoked image, whatever its signer and time."),
    from: Instant.optional().describe(
      "First instant whose signatures are void; if absent, all are. It may only move earlier.",
    ),
    until: Instant.optional().describe(
      "First instant whose signatures count again; absent until the incident is proven closed.",
    ),
    reason: z.string().min(20, "Give a reason of at least 20 characters.").max(2000).describe("Why."),
    requestedBy: Person.optional().describe("Who asked for it."),
    approvals: z.array(Approval).max(16).default([]).describe("Who approved it, in which seat."),
    created: Instant.describe("When it was written."),
  })
  .superRefine((entry, context) => {
    for (const [rule, message] of broken(entry))
      context.addIssue({ code: "custom", params: { rule }, message });
  });
export type RevocationDocument = z.output<typeof RevocationDocument>;

/** One digest on the published list of images that must not be promoted. */
export const NonPromotableDocument = z.strictObject({
  digest: Digest.describe("The image."),
  reason: lineOf(256).describe("Why, one line."),
});

/** The document as it is written. Read whole or not at all: an entry that is skipped would be a hole. */
export const RevocationsDocument = z
  .strictObject({
    apiVersion: ApiVersion,
    revocations: z.array(RevocationDocument).max(MAX).describe("The revocations. They cannot be waived."),
    nonPromotable: z
      .array(NonPromotableDocument)
      .max(MAX)
      .default([])
      .describe("Digests whose history cannot be proven: refused whatever the rules, unless waived."),
  })
  .transform((document, context) => {
    for (const at of repeated(document.revocations.map(({ id }) => id))) {
      const issue = { params: { rule: "duplicate-id" }, message: "Another revocation has this id, too." };
      context.addIssue({ code: "custom", path: ["revocations", at, "id"], ...issue });
    }
    return document;
  });
export type RevocationsDocument = z.output<typeof RevocationsDocument>;

type Shape = Pick<
  RevocationDocument,
  "issuer" | "identity" | "sourceRepository" | "key" | "digest" | "from" | "until" | "created"
>;

/** What no field can check alone. */
function* broken(entry: Shape): Generator<[rule: string, message: string]> {
  const { issuer, identity, sourceRepository, key, digest, from, until } = entry;
  const signer = identity !== undefined || sourceRepository !== undefined;
  const targets = [signer, key !== undefined, digest !== undefined].filter(Boolean).length;
  if (targets !== 1)
    yield ["one-target", "Name exactly one: identity or sourceRepository (with issuer), key, or digest."];
  if (signer !== (issuer !== undefined))
    yield ["no-issuer", "An identity or a source repository needs its issuer."];
  if (digest !== undefined && (from !== undefined || until !== undefined))
    yield ["no-window", "A digest is void at all times; remove from and until."];
  if (until !== undefined && from !== undefined && until <= from)
    yield ["ends-before-it-starts", "It ends before it begins."];
  yield* idle(entry);
}

function exactText(pattern: Pattern | undefined): string | undefined {
  return pattern !== undefined && isExact(pattern) ? pattern.source : undefined;
}

/** What would void nothing, and look as if it did. */
function* idle(entry: Shape): Generator<[rule: string, message: string]> {
  const { issuer, identity, sourceRepository, key, from, created } = entry;
  const [name, source] = [exactText(identity), exactText(sourceRepository)];
  const dead: readonly (readonly [field: string, why: DeadText])[] = [
    ["issuer", issuer === undefined ? undefined : deadIssuer(issuer)],
    ["identity", name === undefined ? undefined : deadIdentity(name, issuer)],
    ["sourceRepository", source === undefined ? undefined : deadSource(source)],
    ["key", key?.startsWith("sha512:") === true ? "a key's fingerprint is its sha256:" : undefined],
  ];
  for (const [field, why] of dead)
    if (why !== undefined) yield ["never-matches", `The ${field} can never match: ${why}.`];
  if (from !== undefined && from.getTime() > created.getTime() + DAY)
    yield ["begins-later", "It begins more than a day after it was written, and voids nothing until then."];
}

function* repeated(ids: readonly string[]): Generator<number> {
  const seen = new Set<string>();
  for (const [at, id] of ids.entries()) {
    if (seen.has(id)) yield at;
    seen.add(id);
  }
}
