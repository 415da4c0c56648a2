import type { Parsed, Problem } from "../core/index.ts";
import { parsePolicy } from "../policy/index.ts";
import { besideOf, isPolicy } from "./beside.ts";
import { importClusterImagePolicy } from "./cluster-image-policy.ts";
import type { Draft, ImportOptions } from "./draft.ts";
import { importImageValidatingPolicy } from "./image-validating-policy.ts";
import { impassableRules } from "./impassable.ts";
import type { Importer } from "./importer.ts";
import { type Incompatibility, pathText } from "./incompatibility.ts";
import { importKyvernoPolicy } from "./kyverno-policy.ts";
import { type Foreign, readForeign } from "./read-foreign.ts";
import { writePolicy } from "./write-policy.ts";

/** What foreign documents came to. */
export interface Imported {
  /** A policy document of ours, as YAML. */
  readonly policy: string;
  /** Everything that could not be carried over as it is, in the order of the documents. */
  readonly losses: readonly Incompatibility[];
  /** Names of rules that no image can pass, since those who would have to sign could not be carried over. */
  readonly impassable: readonly string[];
}

interface Kind {
  readonly import: Importer;
  /** What happens to images that no policy of its engine matches. */
  readonly unmatched: "deny" | "allow";
}

const SIGSTORE: Kind = { import: importClusterImagePolicy, unmatched: "deny" };
const KYVERNO: Kind = { import: importKyvernoPolicy, unmatched: "allow" };
const VALIDATING: Kind = { import: importImageValidatingPolicy, unmatched: "allow" };
/** Who reads what, by API group and kind. */
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ["policy.sigstore.dev/ClusterImagePolicy", SIGSTORE],
  ["kyverno.io/ClusterPolicy", KYVERNO],
  ["kyverno.io/Policy", KYVERNO],
  ["policies.kyverno.io/ImageValidatingPolicy", VALIDATING],
  ["policies.kyverno.io/NamespacedImageValidatingPolicy", VALIDATING],
]);

/**
 * Carries foreign policies over into ours: sigstore's ClusterImagePolicy, Kyverno's verifyImages and
 * ImageValidatingPolicy. Nothing gets weaker unless `acceptLoss` says so: what asks for more than ours can say refuses.
 * Pure; problems where a document cannot be read, or where there is none to carry over.
 */
export function importPolicy(text: string, options: ImportOptions): Parsed<Imported> {
  const read = readForeign(text);
  if (!read.ok) return read;
  const draft: Draft = {
    trustRoots: new Map(),
    authorities: new Map(),
    rules: [],
    losses: [],
    unusable: new Set(),
  };
  const problems = [...importAll(read.value, draft, options), ...mixed(read.value)];
  if (problems.length > 0) return { ok: false, problems };
  const unmatched = draft.rules.length === 0 ? "deny" : kindsIn(read.value)[0]!.unmatched;
  const policy = writePolicy(draft, unmatched);
  const parsed = parsePolicy(policy);
  return parsed.ok
    ? { ok: true, value: { policy, losses: draft.losses, impassable: impassableRules(draft) } }
    : parsed;
}

function importAll(objects: readonly Foreign[], draft: Draft, options: ImportOptions): Problem[] {
  return objects.flatMap((foreign) => {
    const context = { options, draft, placeOf: foreign.placeOf };
    const kind = kindOf(foreign);
    if (kind !== undefined) {
      const result = kind.import(foreign, context);
      return result.ok ? [] : result.problems;
    }
    draft.losses.push({ ...foreign.placeOf([]), path: pathText([foreign.kind]), ...besideOf(foreign) });
    return [];
  });
}

/** Two engines side by side: what the one lets pass the other refuses, and one policy cannot say both. */
function mixed(objects: readonly Foreign[]): Problem[] {
  const engines = new Set(kindsIn(objects).map(({ unmatched }) => unmatched));
  if (engines.size === 1) return [];
  const message =
    engines.size === 0
      ? nothingToImport(objects)
      : "The input has policies of both Sigstore and Kyverno; import each separately, and combine the rules by hand.";
  return [{ line: 1, column: 1, path: "", rule: engines.size === 0 ? "no-policy" : "mixed", message }];
}

/** A namesake of another group is named, so that no one looks for the mistake in the file. */
function nothingToImport(objects: readonly Foreign[]): string {
  const readable = [...KINDS.keys()].join(", ");
  const foreign = objects.find(({ group, kind }) => isPolicy(group, kind));
  if (foreign === undefined) return `The file has no policy that can be imported. Supported are ${readable}.`;
  return `${foreign.kind} of ${foreign.group} cannot be imported. Supported are ${readable}.`;
}

function kindsIn(objects: readonly Foreign[]): Kind[] {
  return objects.flatMap((foreign) => kindOf(foreign) ?? []);
}

function kindOf({ group, kind }: Foreign): Kind | undefined {
  return KINDS.get(`${group}/${kind}`);
}
