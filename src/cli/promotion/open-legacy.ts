import { proxyOfProcess } from "../../composition/index.ts";
import { createBoundedMap, type Digest, Fault, linkAbort, repositoryName } from "../../core/index.ts";
import {
  createGitHub,
  createOutbound,
  githubFault,
  type GitHubPackages,
  type GitHubRun,
  type Outbound,
  OutboundError,
} from "../../outbound/index.ts";
import { type LegacyPort, linkByRecords } from "../../promotion/index.ts";
import type { RegistryOptions } from "../offline-gate.ts";
import { type GitHubOptions, openCatalog, packagesOf } from "./open-inventory.ts";

/** Packages and commits whose records are kept: a backfill asks about one package after the other. */
const MAX_PACKAGES = 4;
const MAX_COMMITS = 1000;
/** Runs of one commit that GitHub gives in one page; where there are more, the right one may not be among them. */
const MAX_RUNS = 100;

/** What links images to the runs that built them. */
export interface OpenedLegacy {
  /** Absent where no owner is named. */
  readonly legacy?: LegacyPort;
  readonly close: () => Promise<void>;
}

type LegacyOptions = GitHubOptions & RegistryOptions & { readonly timeout: number };

/** Asks GitHub's records about images of the owners that are named. Throws UsageError where they cannot be asked. */
export function openLegacy(options: LegacyOptions): OpenedLegacy {
  if (options.github.length === 0) return { close: async () => undefined };
  const outbound = createOutbound(proxyOfProcess());
  const catalog = openCatalog(options);
  const owned = packagesOf(options, outbound).map(({ owner, packages }) => ({
    prefix: `${options.githubRegistry}/${owner}/`.toLowerCase(),
    packages,
  }));
  const pushes = remembered(MAX_PACKAGES, (repository) => pushesOf(repository, owned));
  const runs = remembered(MAX_COMMITS, (key) => runsOf(key, { options, outbound }));
  return {
    legacy: linkByRecords({
      async pushed(image) {
        const known = await pushes(repositoryName(image));
        const at = known?.times.get(image.digest);
        return known?.repository === undefined || at === undefined
          ? undefined
          : { at, repository: known.repository };
      },
      async revision(image, signal) {
        const linked = linkAbort(signal, options.timeout * 1000);
        try {
          return (await catalog.describe(image, linked.signal))?.revision;
        } finally {
          linked.release();
        }
      },
      runs: (repository, commit) => runs(`${repository} ${commit}`),
    }),
    close: async () => {
      await Promise.all([outbound.close(), catalog.close()]);
    },
  };
}

/** Asks once for each of the last keys; a failure is not remembered. */
function remembered<T>(most: number, ask: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = createBoundedMap<Promise<T>>(most);
  return async (key) => {
    const own = known.get(key) ?? ask(key);
    if (known.get(key) === undefined) known.set(key, own);
    try {
      return await own;
    } catch (error) {
      if (known.get(key) === own) known.delete(key);
      throw error;
    }
  };
}

interface Pushes {
  /** `owner/name` on GitHub. */
  readonly repository: string | undefined;
  readonly times: ReadonlyMap<Digest, Date>;
}

interface OwnedPackages {
  /** `ghcr.io/owner/` */
  readonly prefix: string;
  readonly packages: GitHubPackages;
}

/** Undefined for a repository of another owner, or elsewhere. */
async function pushesOf(name: string, owned: readonly OwnedPackages[]): Promise<Pushes | undefined> {
  const found = owned.find(({ prefix }) => name.startsWith(prefix));
  if (found === undefined) return undefined;
  const own = name.slice(found.prefix.length);
  const times = new Map<Digest, Date>();
  for await (const { digest, createdAt } of found.packages.versions(own)) times.set(digest, createdAt);
  return { repository: await found.packages.repositoryOf(own), times };
}

async function runsOf(
  key: string,
  { options, outbound }: { readonly options: LegacyOptions; readonly outbound: Outbound },
): Promise<GitHubRun[]> {
  const [repository = "", commit = ""] = key.split(" ");
  const { githubApi: url, githubToken: token = "" } = options;
  try {
    const runs = await createGitHub({ outbound, url, token, repository }).runs({ commit });
    if (runs.length >= MAX_RUNS)
      throw new Fault(
        "limits/exceeded",
        `commit ${commit} has ${MAX_RUNS} runs or more, and not all are listed`,
      );
    return runs;
  } catch (error) {
    throw error instanceof OutboundError ? githubFault(error) : error;
  }
}
