import {
  digestOf,
  Fault,
  fromProtobufJson,
  parseJson,
  type TrustRoot,
  type TrustSnapshot,
} from "../core/index.ts";
import { checkTrustedRoot } from "./check-trusted-root.ts";
import type { Needs, RootSource, Trust, TrustDeps } from "./ports.ts";

interface Loaded {
  readonly root: TrustRoot;
  readonly source: RootSource["source"];
  readonly since: Date;
}

const NOTHING: Needs = { roots: new Map(), keys: [], missingKeys: [] };

/**
 * Trust material by what the policy names: files, texts, and the public-good instance that comes seeded and may be
 * refreshed. Nothing here touches the network, so a start without one works.
 */
export function createTrust(deps: TrustDeps): Trust {
  let needs = NOTHING;
  const loaded = new Map<string, Loaded>();
  let snapshot: TrustSnapshot | undefined;

  function load(name: string, source: RootSource): void {
    try {
      const before = loaded.get(name);
      const fresh = loadRoot(name, source, deps);
      const same = before?.root.trustedRoot === fresh.root.trustedRoot && source.source !== "publicGood";
      loaded.set(name, same ? { ...fresh, since: before.since } : fresh);
    } catch (error) {
      deps.onProblem(name, error instanceof Error ? error.message : "unreadable");
    }
  }

  function refresh(): void {
    for (const [name, source] of needs.roots) load(name, source);
    snapshot = assemble(needs, loaded);
  }

  return {
    refresh,
    use: (next) => {
      needs = next;
      for (const name of loaded.keys()) if (!needs.roots.has(name)) loaded.delete(name);
      refresh();
    },
    snapshot: () => {
      if (snapshot !== undefined) return snapshot;
      const missing = [...[...needs.roots.keys()].filter((name) => !loaded.has(name)), ...needs.missingKeys];
      throw new Fault("trust/unavailable", `no usable material for ${missing.join(", ") || "any policy"}`);
    },
    ages: () => agesOf([...loaded.values()], deps.now()),
  };
}

function loadRoot(name: string, source: RootSource, deps: TrustDeps): Loaded {
  const { text, since } = textOf(source, deps);
  const problems = checkTrustedRoot(text);
  if (problems.length > 0) throw new Error(problems.slice(0, 3).join("; "));
  return { root: { name, trustedRoot: text, ...thresholds(source, text) }, source: source.source, since };
}

function textOf(source: RootSource, { readFile, publicGood, now }: TrustDeps): { text: string; since: Date } {
  switch (source.source) {
    case "publicGood":
      return publicGood();
    case "github":
    case "file":
      return { text: readFile(source.path), since: now() };
    case "inline":
      return { text: source.trustedRoot, since: now() };
  }
}

/**
 * GitHub's own instance has no logs: its timestamps are what vouches. A root that does list some, such as that of the
 * public-good instance under the wrong name, is asked for them.
 */
function thresholds(source: RootSource, text: string): Pick<TrustRoot, "tlogThreshold" | "ctlogThreshold"> {
  switch (source.source) {
    case "publicGood":
      return { tlogThreshold: 1, ctlogThreshold: 1 };
    case "github":
      return { tlogThreshold: threshold(text, "tlogs"), ctlogThreshold: threshold(text, "ctlogs") };
    case "file":
    case "inline":
      return {
        tlogThreshold: source.transparencyLogNotRequiredUnsafe ? 0 : 1,
        ctlogThreshold: source.certificateTransparencyNotRequiredUnsafe ? 0 : 1,
      };
  }
}

function threshold(text: string, logs: "tlogs" | "ctlogs"): 0 | 1 {
  const { [logs]: listed = [] } = fromProtobufJson(parseJson(text)) as Partial<
    Record<typeof logs, readonly unknown[]>
  >;
  return listed.length === 0 ? 0 : 1;
}

/** Undefined while anything that the policy names is missing: half of the material would call good images unsigned. */
function assemble(
  { roots, keys, missingKeys }: Needs,
  loaded: ReadonlyMap<string, Loaded>,
): TrustSnapshot | undefined {
  const present = [...roots.keys()].flatMap((name) => loaded.get(name)?.root ?? []);
  if (present.length < roots.size || missingKeys.length > 0) return undefined;
  return { generation: digestOf(JSON.stringify([present, keys])).slice(7, 23), roots: present, keys };
}

function agesOf(all: readonly Loaded[], now: Date): ReturnType<Trust["ages"]> {
  const sources = [...new Set(all.map(({ source }) => source))];
  return sources.map((source) => {
    const since = all.filter((each) => each.source === source).map((each) => each.since.getTime());
    return { source, seconds: Math.max(0, (now.getTime() - Math.min(...since)) / 1000) };
  });
}
