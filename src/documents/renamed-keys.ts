/** A key of a document that has been renamed. */
export interface RenamedKey {
  /** The last parts of the path of the map that holds it; `*` is any name. */
  readonly under: readonly string[];
  readonly old: string;
  readonly now: string;
  /** What each of its values is called now; others stay. */
  readonly values?: Readonly<Record<string, boolean>>;
  /** The command that rewrites such documents. */
  readonly migrate: string;
}

const POLICY = "mc policy migrate";
const SETTINGS = "mc settings migrate";
const NOT_REQUIRED = { required: false, notRequired: true };
const LOG = {
  old: "transparencyLog",
  now: "transparencyLogNotRequiredUnsafe",
  values: NOT_REQUIRED,
  migrate: POLICY,
};
const CLAIMS = ["keyless", "claims"];

/** Every key that was renamed, for the readers, which refuse the old one, and for `mc … migrate`, which rewrites it. */
export const RENAMED_KEYS: readonly RenamedKey[] = [
  { under: ["sbom"], old: "leastComponents", now: "minComponents", migrate: POLICY },
  { under: ["threshold"], old: "least", now: "count", migrate: POLICY },
  // the names of sigstore/fulcio, docs/oid-info.md, as its JSON spells them
  { under: CLAIMS, old: "sourceRepository", now: "sourceRepositoryURI", migrate: POLICY },
  { under: CLAIMS, old: "sourceRef", now: "sourceRepositoryRef", migrate: POLICY },
  { under: CLAIMS, old: "sourceOwner", now: "sourceRepositoryOwnerURI", migrate: POLICY },
  { under: CLAIMS, old: "sourceRepositoryId", now: "sourceRepositoryIdentifier", migrate: POLICY },
  { under: CLAIMS, old: "sourceOwnerId", now: "sourceRepositoryOwnerIdentifier", migrate: POLICY },
  { under: CLAIMS, old: "sourceVisibility", now: "sourceRepositoryVisibilityAtSigning", migrate: POLICY },
  { under: CLAIMS, old: "buildSigner", now: "buildSignerURI", migrate: POLICY },
  { under: CLAIMS, old: "buildConfig", now: "buildConfigURI", migrate: POLICY },
  { under: CLAIMS, old: "trigger", now: "buildTrigger", migrate: POLICY },
  { under: CLAIMS, old: "workflowName", now: "githubWorkflowName", migrate: POLICY },
  // danger is spelled out
  { under: ["authorities", "*", "key"], ...LOG },
  { under: ["trustRoots", "*"], ...LOG },
  {
    under: ["trustRoots", "*"],
    old: "certificateTransparency",
    now: "certificateTransparencyNotRequiredUnsafe",
    values: NOT_REQUIRED,
    migrate: POLICY,
  },
  { under: ["hosts", "*"], old: "plainHttp", now: "plainHttpUnsafe", migrate: SETTINGS },
  { under: ["hosts", "*"], old: "allowLoopback", now: "allowLoopbackUnsafe", migrate: SETTINGS },
];

/** How a key of the map at a path is called now; undefined where it was not renamed. */
export function renamedKey(parent: readonly PropertyKey[], key: string): RenamedKey | undefined {
  return RENAMED_KEYS.find(({ under, old }) => old === key && endsIn(parent, under));
}

function endsIn(path: readonly PropertyKey[], end: readonly string[]): boolean {
  const tail = path.slice(-end.length);
  return tail.length === end.length && end.every((part, at) => part === "*" || part === tail[at]);
}
