/** What is read of package-lock.json, version 3 (npm docs, package-lock-json). */
export interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

/** One package of a lock file, by the folder that it is installed in. */
export interface LockEntry {
  readonly version?: string;
  /** The package's own name, where its folder has another. */
  readonly name?: string;
  readonly integrity?: string;
  /** A folder of the project itself, which no registry holds. */
  readonly link?: boolean;
  /** Within the tarball of another package, whose integrity covers it. */
  readonly inBundle?: boolean;
  readonly engines?: Readonly<Record<string, string>> | readonly string[];
  /** Only for development. */
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The entries that a registry holds and that nothing holds to their bytes: where each is, and what to ask npm for. */
export function withoutIntegrity({ packages }: LockFile): { readonly at: string; readonly spec: string }[] {
  return Object.entries(packages).flatMap(([at, entry]) => {
    const isOwn = at === "" || entry.link === true || entry.inBundle === true;
    if (isOwn || /^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? "")) return [];
    return [{ at, spec: specOf(at, entry) }];
  });
}

/** A lock file with these integrities, by `name@version`, in the entries that have none. */
export function withIntegrity(lock: LockFile, found: ReadonlyMap<string, string>): LockFile {
  const lacking = new Map(withoutIntegrity(lock).map(({ at, spec }) => [at, spec]));
  const packages = Object.entries(lock.packages).map(([at, entry]) => {
    const spec = lacking.get(at);
    if (spec === undefined) return [at, entry] as const;
    const integrity = found.get(spec);
    if (integrity === undefined) throw new Error(`no integrity of ${spec} was found`);
    const { version, ...rest } = entry;
    return [
      at,
      { version, integrity, ...rest, ...(entry.integrity !== undefined && { integrity }) },
    ] as const;
  });
  return { ...lock, packages: Object.fromEntries(packages) };
}

function specOf(at: string, { name, version }: LockEntry): string {
  return `${name ?? at.slice(at.lastIndexOf("node_modules/") + "node_modules/".length)}@${version}`;
}
