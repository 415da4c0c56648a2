import type { PublicKey, TrustSnapshot } from "../core/index.ts";

/** Where the material of one instance comes from, as a policy says it. */
export type RootSource =
  | { readonly source: "publicGood" }
  | { readonly source: "github"; readonly path: string }
  | ({ readonly source: "file"; readonly path: string } & Requirements)
  | ({ readonly source: "inline"; readonly trustedRoot: string } & Requirements);

interface Requirements {
  readonly transparencyLogNotRequiredUnsafe: boolean;
  readonly certificateTransparencyNotRequiredUnsafe: boolean;
}

/** Everything that a policy needs to be trusted. */
export interface Needs {
  readonly roots: ReadonlyMap<string, RootSource>;
  readonly keys: readonly PublicKey[];
  /** Ids of keys that the policy names and no one could read yet; while there are any, trust is unavailable. */
  readonly missingKeys: readonly string[];
}

/** What trust takes from outside. */
export interface TrustDeps {
  readonly readFile: (path: string) => string;
  /** The public-good instance's trusted_root.json and since when it is known to be current. */
  readonly publicGood: () => { readonly text: string; readonly since: Date };
  readonly now: () => Date;
  /** Called when the material of a root can't be read; the one before stays. */
  readonly onProblem: (root: string, message: string) => void;
}

/** The trust material in force. */
export interface Trust {
  /** Throws Fault trust/unavailable where a root or key that the policy names is not there. */
  readonly snapshot: () => TrustSnapshot;
  /** Loads what a policy needs. */
  readonly use: (needs: Needs) => void;
  /** Reads files again; what cannot be read keeps its last good material. */
  readonly refresh: () => void;
  /** Ages by kind of source, seconds. */
  readonly ages: () => { readonly source: RootSource["source"]; readonly seconds: number }[];
}
