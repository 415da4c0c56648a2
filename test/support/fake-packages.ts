import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** A version of a package, as GitHub's API has it. */
export interface FakeVersion {
  /** The digest. */
  readonly name: string;
  readonly created_at: string;
  readonly tags?: readonly string[];
}

/** A workflow run, as GitHub's API has it. */
export interface FakeRun {
  readonly head_sha: string;
  readonly run_started_at: string;
  readonly updated_at: string;
  readonly [field: string]: unknown;
}

/** Container packages of one organization and the runs of its repositories, on loopback. */
export interface FakePackages {
  readonly url: string;
  readonly packages: Map<string, FakeVersion[]>;
  /** `owner/name` of the repository that all packages belong to. */
  repository: string | undefined;
  readonly runs: FakeRun[];
  /** Answers by this status instead, where the path ends so. */
  failing: { readonly path: string; readonly status: number } | undefined;
  readonly close: () => Promise<void>;
}

/** Starts one, which takes any token. Pages are as long as they are asked for. */
export async function startFakePackages(owner: string): Promise<FakePackages> {
  const server = createServer((request, response) => {
    const body = answerTo(fake, owner, new URL(request.url ?? "/", "http://github.test"));
    response.writeHead(typeof body === "number" ? body : 200).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakePackages = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    packages: new Map(),
    repository: "acme/app",
    runs: [],
    failing: undefined,
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
  return fake;
}

function answerTo(fake: FakePackages, owner: string, url: URL): unknown {
  const { packages, failing } = fake;
  const { pathname } = url;
  if (failing !== undefined && pathname.endsWith(failing.path)) return failing.status;
  const home = `/orgs/${owner}`;
  if (pathname === home) return {};
  if (pathname === `${home}/packages`)
    return pageOf(
      [...packages.keys()].map((name) => ({ name })),
      url,
    );
  if (pathname.startsWith(home)) return packageAt(fake, pathname.slice(home.length), url);
  return runsAt(fake, url);
}

function packageAt({ packages, repository }: FakePackages, path: string, url: URL): unknown {
  const [, name = "", rest] = /^\/packages\/container\/([^/]+)(\/versions)?$/.exec(path) ?? [];
  const versions = packages.get(decodeURIComponent(name));
  if (versions === undefined) return 404;
  if (rest === undefined) return { repository: repository && { full_name: repository } };
  return pageOf(versions, url).map(({ tags = [], ...more }) => ({
    ...more,
    metadata: { container: { tags } },
  }));
}

function runsAt({ runs, repository }: FakePackages, url: URL): unknown {
  if (url.pathname !== `/repos/${repository}/actions/runs`) return 404;
  const commit = url.searchParams.get("head_sha");
  return {
    workflow_runs: pageOf(
      runs.filter(({ head_sha: sha }) => sha === commit),
      url,
    ),
  };
}

function pageOf<T>(all: readonly T[], { searchParams }: URL): T[] {
  const size = Number(searchParams.get("per_page") ?? 30);
  const from = (Number(searchParams.get("page") ?? 1) - 1) * size;
  return all.slice(from, from + size);
}

/** A run of the packages' repository that built a commit and came to a good end. */
export function goodRun(commit: string, startedAt: Date, endedAt: Date): FakeRun {
  return {
    id: 1,
    html_url: `https://github.test/acme/app/actions/runs/1`,
    status: "completed",
    conclusion: "success",
    event: "push",
    head_sha: commit,
    head_repository: { full_name: "acme/app" },
    created_at: startedAt.toISOString(),
    run_started_at: startedAt.toISOString(),
    updated_at: endedAt.toISOString(),
  };
}
