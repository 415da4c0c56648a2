import { TrustedRoot } from "@sigstore/protobuf-specs";
import { getTrustedRoot, type TUFOptions } from "@sigstore/tuf";
import seeds from "@sigstore/tuf/seeds.json" with { type: "json" };

const MIRROR = "https://tuf-repo-cdn.sigstore.dev";
const HOUR = 3_600_000;
const RETRY_MS = 5 * 60_000;
const PERIOD_MS = 6 * HOUR;
const TIMEOUT_MS = 10_000;
/** When the seed that ships with the library was current. */
const SEED_SINCE = new Date("2026-04-22T00:00:00Z");

/** The public-good instance's material: the seed until a refresh succeeds. */
export interface PublicGood {
  readonly current: () => { readonly text: string; readonly since: Date };
  readonly close: () => void;
}

/** How the seed is kept current. */
export interface RefreshOptions {
  /** Off where the network is not to be used. */
  readonly enabled: boolean;
  /** A writable folder that only the gate uses. */
  readonly cacheDirectory: string;
  /** Another TUF repository, with its own initial root. */
  readonly mirror?: { readonly url: string; readonly rootPath: string } | undefined;
  readonly now: () => Date;
  readonly onRefreshed: () => void;
  readonly onProblem: (message: string) => void;
}

/**
 * Starts from the seed and refreshes it by TUF in the background, one refresh at a time, every six hours and sooner
 * after a failure. A failure keeps what there is. TUF itself refuses rollback, expired metadata and tampered targets.
 */
export function publicGoodRoot(options: RefreshOptions): PublicGood {
  let current = publicGoodSeed();
  let timer: NodeJS.Timeout | undefined;

  async function refresh(): Promise<void> {
    let wait = PERIOD_MS;
    try {
      const root = await getTrustedRoot(tufOptions(options));
      current = { text: JSON.stringify(TrustedRoot.toJSON(root)), since: options.now() };
      options.onRefreshed();
    } catch (error) {
      wait = RETRY_MS;
      options.onProblem(error instanceof Error ? error.message : "the TUF refresh failed");
    }
    timer = setTimeout(() => void refresh(), wait * (0.9 + Math.random() * 0.2)).unref();
  }

  if (options.enabled) void refresh();
  return { current: () => current, close: () => clearTimeout(timer) };
}

/** The trusted_root.json of the public-good instance that ships with the library. */
export function seedText(): string {
  return Buffer.from(seeds[MIRROR].targets["trusted_root.json"], "base64").toString("utf8");
}

function tufOptions({ cacheDirectory, mirror }: RefreshOptions): TUFOptions {
  const own = mirror === undefined ? {} : { mirrorURL: mirror.url, rootPath: mirror.rootPath };
  return { cachePath: cacheDirectory, timeout: TIMEOUT_MS, retry: 1, ...own };
}

/** The seed, for commands that run once. */
export function publicGoodSeed(): ReturnType<PublicGood["current"]> {
  return { text: seedText(), since: SEED_SINCE };
}
