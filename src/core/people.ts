import { z } from "zod";

import { parseInstant } from "./time.ts";

/** One line of text that says something: no control characters, so that a warning stays one line. */
export function lineOf(most: number): z.ZodString {
  return z
    .string()
    .max(most, { abort: true }) // the expression backtracks, and must not meet a longer text
    .regex(
      /^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*[\p{L}\p{N}][^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]*$/u,
      "One line of text, and not empty.",
    );
}

/** A person as documents name one. */
export const Person = lineOf(128);

/** An instant as strict RFC 3339; YAML timestamps stay text, so that nothing guesses a zone. */
export const Instant = z.string().transform((text, context): Date => {
  const instant = parseInstant(text);
  if (instant !== undefined) return instant;
  const message = "An instant is RFC 3339 with an offset, such as 2026-11-24T09:00:00Z.";
  context.addIssue({ code: "custom", params: { rule: "bad-instant" }, message });
  return z.NEVER;
});

/** One person's consent to an entry of a document. */
export const Approval = z.strictObject({
  by: Person.describe("Who approved."),
  seat: lineOf(64).describe("In which role: release-manager, devsecops, service-owner."),
  at: Instant.describe("When."),
  ref: lineOf(512).optional().describe("Where it can be seen, such as the review's address."),
});
export type Approval = z.output<typeof Approval>;

/**
 * Whether two names may be one person's, where one may be a user of the cluster: `Ana@acme.test`, `oidc:ana` and `@ana`
 * are, and so is `ana+ops@acme.test`. Errs towards yes, since it decides who must not vouch for their own edit, and who
 * counts as a second person. Tells nothing of names that are not unambiguous.
 */
export function isSamePerson(name: string, other: string): boolean {
  return accountOf(name) === accountOf(other);
}

/**
 * Whether a name can be told from every other by its letters: printable ASCII. Of the letters of all scripts many look like
 * others, so that one person could approve as two. Source: Unicode Technical Standard 39, section 4, "Confusable Detection".
 */
export function isUnambiguousName(name: string): boolean {
  return /^[\x20-\x7e]+$/.test(name);
}

/** A person's name as it is compared between documents: `BOB` does not approve what `bob` asked for. */
export function foldName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}

/**
 * The last part of a name, which identifies the person, without the domain and the tag of an address. Issuers, domains and
 * display names are separate parts: `https://sso.acme.test#ana`, `ACME\ana`, `auth0|ana`, `Ana <ana@acme.test>`. A name of
 * separators alone is compared as a whole.
 */
function accountOf(name: string): string {
  const folded = foldName(name);
  const parts = folded.split(/[:/\\#|<>]/).map((part) => part.replace(/^[\s@+]+/, ""));
  const last = parts.findLast((part) => part !== "") ?? folded;
  return last.split(/[@+]/, 1)[0]!.trim();
}
