import { z } from "zod";

import { type DangerName, digestOf, type Parsed, parseJson, type PublicKey } from "../core/index.ts";
import { readChecked, readDocument } from "../documents/index.ts";
import { type Approvers, compileApprovers } from "./approvers.ts";
import { type Authority, compileAuthority, secretKeyId } from "./authorities.ts";
import { AuthorityDocument } from "./authority-document.ts";
import { dangersOf } from "./dangers.ts";
import { PolicyDocument, PolicyFields, Rule as RuleDocument } from "./document.ts";
import type { Requirement } from "./gates/index.ts";
import { type RuleQuery, indexScopes, type Scope } from "./scope.ts";
import type { TrustRootSource } from "./trust-roots.ts";

/** One rule of a policy. */
export interface Rule extends Scope {
  readonly name: string;
  /** What it asks, in the order of the gates. */
  readonly require: readonly Requirement[];
}

/** A key that the policy needs and a Secret holds. */
export interface SecretKey {
  readonly id: string;
  readonly name: string;
  readonly key: string;
}

/** A compiled, immutable policy. */
export interface Policy {
  /** Digest of the text it was parsed from. */
  readonly revision: string;
  readonly rules: readonly Rule[];
  /** The rules that cover an image in a namespace, in their order. */
  readonly rulesFor: (query: RuleQuery) => readonly Rule[];
  readonly unmatched: "deny" | "allow";
  /** Whether a rule applies in some namespaces only. */
  readonly isNamespaced: boolean;
  /** Its dangerous settings, once for each place. */
  readonly dangers: readonly DangerName[];
  readonly authorities: ReadonlyMap<string, Authority>;
  /** Trust roots by name. */
  readonly trustRoots: ReadonlyMap<string, TrustRootSource>;
  /** Keys whose PEM is in the policy. */
  readonly keys: readonly PublicKey[];
  readonly secretKeys: readonly SecretKey[];
  /** Whose signatures approve waivers; undefined where approvals need none. */
  readonly approvers: Approvers | undefined;
}

/** Reads a policy document. Every problem has its line, column and rule. */
export function parsePolicy(text: string): Parsed<Policy> {
  const parsed = readDocument(text, PolicyDocument);
  return parsed.ok ? { ok: true, value: compile(parsed.value, digestOf(text)) } : parsed;
}

/**
 * What a policy says, as JSON, where it is a good one by `parsePolicy`. For another thread: a policy cannot be copied to this
 * one, what it says can.
 */
export function policyContent(text: string): Parsed<string> {
  const read = readChecked(text, PolicyDocument);
  return read.ok ? { ok: true, value: JSON.stringify(read.value.content) } : read;
}

/**
 * The policy of a text whose content `policyContent` gave. Rules and authorities are compiled one by one, and `pause` is
 * waited for after each, so that a long policy keeps nothing else waiting. Rejects where the content is none.
 */
export async function policyFrom(content: string, text: string, pause: () => Promise<void>): Promise<Policy> {
  const { rules, authorities = {}, ...rest } = parseJson(content) as Content;
  const document = PolicyFields.parse({ ...rest, rules: [], authorities: {} });
  for (const rule of rules) {
    document.rules.push(RuleDocument.parse(rule));
    await pause();
  }
  for (const [name, authority] of Object.entries(authorities)) {
    document.authorities[name] = AuthorityDocument.parse(authority);
    await pause();
  }
  return compile(document, digestOf(text));
}

interface Content {
  readonly rules: readonly unknown[];
  readonly authorities?: Readonly<Record<string, unknown>>;
}

/** JSON Schema (draft 2020-12) of the policy document, for editors. */
export function policyJsonSchema(): object {
  return z.toJSONSchema(PolicyDocument, { io: "input" });
}

function compile(document: PolicyDocument, revision: string): Policy {
  const authorities = Object.entries(document.authorities);
  const compiled = new Map(
    authorities.map(([name, authority]) => [name, compileAuthority(name, authority)] as const),
  );
  return {
    revision,
    rules: document.rules,
    rulesFor: indexScopes<Rule>(document.rules),
    unmatched: document.unmatched,
    isNamespaced: document.rules.some(({ namespaces }) => namespaces !== undefined),
    dangers: dangersOf(document).map(({ name }) => name),
    authorities: compiled,
    trustRoots: new Map(Object.entries(document.trustRoots)),
    keys: authorities.flatMap(([, { key }]) => key?.pem ?? []),
    secretKeys: authorities.flatMap(([, { key }]) =>
      key?.secret ? [{ id: secretKeyId(key.secret), ...key.secret }] : [],
    ),
    approvers: compileApprovers(document.waivers, compiled),
  };
}
