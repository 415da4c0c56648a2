import type { z } from "zod";

import type { Place } from "../documents/index.ts";
import { parsePolicy } from "../policy/index.ts";
import { type Effect, type Incompatibility, type Path, pathText } from "./incompatibility.ts";
import { unknownFields } from "./read-foreign.ts";
import type { Text } from "./texts.ts";
import { nobodysKey } from "./unusable-key.ts";

const MAX_NAME = 63;
const MAX_WHY = 300;
const MAX_CHECKS = 16;

/** An authority as the policy document spells it. */
export type AuthorityText =
  | {
      readonly keyless: {
        readonly trustRoot: string;
        readonly issuer: string;
        readonly identity: Text;
        readonly claims?: Readonly<Record<string, string>>;
      };
    }
  | {
      readonly key: (
        | { readonly pem: string }
        | { readonly secret: { readonly name: string; readonly key: string } }
      ) & { readonly transparencyLogNotRequiredUnsafe?: true };
    };

/** Whose signatures count. */
export type Signers =
  | { readonly anyOf: readonly string[] }
  | { readonly allOf: readonly string[] }
  | { readonly threshold: { readonly count: number; readonly of: readonly string[] } };

/** What a rule asks through one gate; `cel` checks are gathered in one list. */
export type Requirement =
  | { readonly gate: "signature"; readonly settings: Signers }
  | { readonly gate: "sbom"; readonly settings: Signers & { readonly formats: readonly string[] } }
  | { readonly gate: "reference"; readonly settings: { readonly pinned: true } }
  | {
      readonly gate: "cel";
      readonly settings: Signers & {
        readonly predicateType: string;
        readonly expression: string;
        readonly message: string;
      };
    };

/** What a rule is about. */
export interface Scope {
  readonly images: readonly string[];
  readonly namespaces?: readonly string[] | undefined;
}

interface WantedRule extends Scope {
  readonly name: string;
  readonly require: readonly Requirement[];
  /** For readers of the policy: where it comes from, and what it lacks. */
  readonly comments: readonly string[];
}

/** A rule of the policy. */
export interface DraftRule extends Scope {
  readonly name: string;
  /** Settings by gate. */
  readonly require: Readonly<Record<string, unknown>>;
  readonly comments: readonly string[];
}

/** A Sigstore instance: the public-good one, or the text of a trusted_root.json. */
export type RootText =
  | { readonly source: "publicGood" }
  | {
      readonly source: "inline";
      readonly trustedRoot: string;
      readonly transparencyLogNotRequiredUnsafe?: true;
      readonly certificateTransparencyNotRequiredUnsafe?: true;
    };

/** What the documents have come to so far. */
export interface Draft {
  readonly trustRoots: Map<string, RootText>;
  readonly authorities: Map<string, AuthorityText>;
  readonly rules: DraftRule[];
  readonly losses: Incompatibility[];
  /** Names of authorities that represent someone who could not be carried over. */
  readonly unusable: Set<string>;
}

/** What the importer was given. */
export interface ImportOptions {
  /** Texts of trusted_root.json by the names that foreign documents use; `public-good` for the public instance. */
  readonly trustRoots: ReadonlyMap<string, string>;
  /** Write rules without what could not be carried over, where the policy gets weaker by it. */
  readonly acceptLoss: boolean;
}

/** The draft as seen from one foreign document. */
export interface ImportContext {
  readonly options: ImportOptions;
  readonly draft: Draft;
  /** The document's name, which its rules and authorities begin with. */
  readonly name: string;
  readonly placeOf: (path: Path) => Place;
}

/** Notes that something could not be carried over as it is. */
export function lose(context: ImportContext, path: Path, effect: Effect, why: string): void {
  const clean = why.replaceAll(/[^\x20-\x7e]/g, "?").slice(0, MAX_WHY);
  context.draft.losses.push({ ...context.placeOf(path), path: pathText(path), effect, why: clean });
}

/** Notes something without which the policy is weaker. True where that is accepted, false where it must refuse. */
export function isAccepted(context: ImportContext, path: Path, why: string): boolean {
  const done = context.options.acceptLoss
    ? "it is left out"
    : "what requires it refuses until that is accepted";
  lose(context, path, "weaker", `${why}; ${done}`);
  return context.options.acceptLoss;
}

/** Whether nothing is in a specification that the importer does not know, or that is accepted. */
export function isKnown(context: ImportContext, shape: z.ZodType, spec: unknown): boolean {
  const unknown = unknownFields(shape, spec, ["spec"]);
  return unknown
    .map((path) => isAccepted(context, path, "the importer does not know this field"))
    .every(Boolean);
}

/** Adds an authority under its own name; one that our policy does not take becomes one that no one can be. */
export function addAuthority(
  context: ImportContext,
  wanted: string,
  authority: AuthorityText | undefined,
  path: Path,
): string {
  const { authorities, trustRoots } = context.draft;
  const problem = authority === undefined ? undefined : problemWith(authority, trustRoots);
  if (problem !== undefined)
    lose(context, path, "stricter", `the policy does not accept it: ${problem} It accepts no image`);
  const isOurs = authority !== undefined && problem === undefined;
  const name = freeName(`${context.name}-${wanted}${isOurs ? "" : "-not-imported"}`, [...authorities.keys()]);
  authorities.set(name, isOurs ? authority : nobody());
  if (!isOurs) context.draft.unusable.add(name);
  return name;
}

/** Adds a rule under its own name; several, which must all hold, where a gate is asked for twice. */
export function addRule(context: ImportContext, { comments, ...rule }: WantedRule): void {
  const { rules } = context.draft;
  for (const [at, require] of inParts(rule.require).entries()) {
    const taken = rules.map(({ name }) => name);
    rules.push({ ...rule, name: freeName(rule.name, taken), require, comments: at === 0 ? comments : [] });
  }
}

/** Requirements in as few maps as hold each gate once; checks of `cel` share a list. */
function inParts(require: readonly Requirement[]): Record<string, unknown>[] {
  const parts: Record<string, unknown>[] = [];
  for (const { gate, settings } of require) {
    const free = parts.find(
      (part) => part[gate] === undefined || (gate === "cel" && checksOf(part).length < MAX_CHECKS),
    );
    const part = free ?? {};
    if (free === undefined) parts.push(part);
    part[gate] = gate === "cel" ? [...checksOf(part), settings] : settings;
  }
  return parts;
}

function checksOf(part: Readonly<Record<string, unknown>>): readonly unknown[] {
  return (part["cel"] ?? []) as readonly unknown[];
}

/** What refuses everything, instead of something that could not be carried over. */
export function refusal(context: ImportContext): Requirement {
  context.draft.unusable.add("not-imported");
  return byNobody(context, "not-imported");
}

/** What refuses everything, as the original does. */
export function intendedRefusal(context: ImportContext): Requirement {
  return byNobody(context, "nobody");
}

function byNobody({ draft }: ImportContext, name: string): Requirement {
  draft.authorities.set(name, nobody());
  return { gate: "signature", settings: { anyOf: [name] } };
}

/** A glob that our policy takes, or why it does not. */
export function globProblem(glob: string): string | undefined {
  return firstProblem({
    rules: [{ name: "probe", images: [glob], require: { reference: { pinned: true } } }],
  });
}

/** An expression that our policy takes, or why it does not. */
export function expressionProblem(expression: string): string | undefined {
  const check = { predicateType: "probe", anyOf: ["probe"], expression, message: "probe" };
  return firstProblem({
    authorities: { probe: nobody() },
    rules: [{ name: "probe", images: ["**"], require: { cel: [check] } }],
  });
}

function problemWith(authority: AuthorityText, trustRoots: Draft["trustRoots"]): string | undefined {
  return firstProblem({
    trustRoots: Object.fromEntries(trustRoots),
    authorities: { probe: authority },
    rules: [],
  });
}

function firstProblem(policy: object): string | undefined {
  const parsed = parsePolicy(JSON.stringify(policy));
  return parsed.ok ? undefined : parsed.problems[0]!.message;
}

function nobody(): AuthorityText {
  return { key: { pem: nobodysKey(), transparencyLogNotRequiredUnsafe: true } };
}

/** A name of the policy's kind that is not taken. */
function freeName(wanted: string, taken: readonly string[]): string {
  const clean = wanted.toLowerCase().replaceAll(/[^a-z0-9.-]+/g, "-");
  const base = clean.slice(0, MAX_NAME - 4).replace(/^[^a-z0-9]+|[^a-z0-9]+$/g, "") || "rule";
  let name = base;
  for (let n = 2; taken.includes(name); n++) name = `${base}-${n}`;
  return name;
}
