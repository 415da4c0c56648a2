import { z } from "zod";

import { Digest, Fault, type FaultCode, parseJson } from "../core/index.ts";
import { checkedUrl, type Outbound, OutboundError } from "./call.ts";

const PAGE = 100;
const MAX_PAGES = 1000;

const Package = z.object({ name: z.string().min(1).max(255) });
/** Source: docs.github.com, REST API, "Get a package for an organization". */
const Owned = z.object({ repository: z.object({ full_name: z.string().max(255) }).nullish() });
/** Source: docs.github.com, REST API, "List package versions for a package owned by an organization". */
const Version = z.object({
  name: z.string(),
  created_at: z.iso.datetime({ offset: true }).transform((text) => new Date(text)),
  metadata: z.object({ container: z.object({ tags: z.array(z.string()).default([]) }) }).optional(),
});

const WORKFLOW_TOKEN =
  "GitHub answers 400 to a workflow's own GITHUB_TOKEN here; use the token of a GitHub App that is installed on the owner, or a classic token with read:packages";

/** Whose packages, and who asks. */
export interface PackagesOptions {
  readonly outbound: Outbound;
  /** `https://api.github.com`, or a server of one's own. */
  readonly url: string;
  readonly token: string;
  /** An organization's login, or a person's. */
  readonly owner: string;
  /** Where their images are: `ghcr.io`. */
  readonly registry: string;
}

interface PackageVersion {
  readonly digest: Digest;
  readonly createdAt: Date;
  readonly tags: readonly string[];
}

/** Container packages of an owner. Failures are Faults of the registry that they are in. */
export interface GitHubPackages {
  readonly packages: () => AsyncGenerator<{ readonly name: string; readonly repository: string }>;
  /** Versions of a package, the newest first, those without a tag as well. */
  readonly versions: (name: string) => AsyncGenerator<PackageVersion>;
  /** `owner/name` of the repository that a package belongs to; undefined where it belongs to none. */
  readonly repositoryOf: (name: string) => Promise<string | undefined>;
}

/** Reads GitHub's packages API. Throws OutboundError where owner or address are none. */
export function createGitHubPackages(options: PackagesOptions): GitHubPackages {
  const { url, owner, registry } = options;
  if (!/^[\w.-]{1,100}$/.test(owner) || owner.includes(".."))
    throw new OutboundError(`${owner.slice(0, 80)} is not the login of an owner`, false);
  const base = checkedUrl(url, "the address of GitHub's API");
  let kind: Promise<"orgs" | "users"> | undefined;
  const home = async (): Promise<string> => {
    kind ??= kindOf(options, base);
    return `${base}/${await kind}/${owner}/packages`;
  };
  return {
    async *packages() {
      const list = `${await home()}?package_type=container&`;
      for await (const { name } of pages(options, list, Package))
        yield { name, repository: `${registry}/${owner}/${name}`.toLowerCase() };
    },
    async *versions(name) {
      const list = `${await home()}/container/${encodeURIComponent(name)}/versions?`;
      for await (const version of pages(options, list, Version)) {
        const digest = Digest.safeParse(version.name).data;
        if (digest === undefined) continue; // a version of another kind than an image
        yield { digest, createdAt: version.created_at, tags: version.metadata?.container.tags ?? [] };
      }
    },
    async repositoryOf(name) {
      const doing = "read a package";
      const text = await ask(options, `${await home()}/container/${encodeURIComponent(name)}`, doing);
      const owned = Owned.safeParse(readJson(text)).data;
      if (owned === undefined) throw strange(doing);
      return owned.repository?.full_name;
    },
  };
}

async function kindOf(options: PackagesOptions, base: string): Promise<"orgs" | "users"> {
  try {
    await ask(options, `${base}/orgs/${options.owner}`, "look up the owner");
    return "orgs";
  } catch (error) {
    if (error instanceof Fault && error.cause instanceof OutboundError && error.cause.status === 404)
      return "users";
    throw error;
  }
}

async function* pages<T>(options: PackagesOptions, list: string, schema: z.ZodType<T>): AsyncGenerator<T> {
  const doing = "list packages";
  for (let page = 1; page <= MAX_PAGES; page += 1) {
    const text = await ask(options, `${list}per_page=${PAGE}&page=${page}`, doing);
    const here = z.array(schema).safeParse(readJson(text)).data;
    if (here === undefined) throw strange(doing);
    if (here.length === 0) return;
    yield* here;
  }
  throw new Fault("limits/exceeded", `could not ${doing}: more than ${MAX_PAGES} pages`);
}

function strange(doing: string): Fault {
  return new Fault("registry/invalid", `could not ${doing}: the answer is not what GitHub's API gives`);
}

function readJson(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

async function ask({ outbound, token }: PackagesOptions, url: string, doing: string): Promise<string> {
  const headers = {
    authorization: `Bearer ${token}`,
    accept: "application/vnd.github+json",
    "x-github-api-version": "2022-11-28",
  };
  try {
    return await outbound.send({ method: "GET", url, headers, doing });
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error;
    const message = error.status === 400 ? `${error.message}: ${WORKFLOW_TOKEN}` : error.message;
    throw githubFault(error, message);
  }
}

/** What GitHub's answer means for what is known of an image. */
export function githubFault(error: OutboundError, message = error.message): Fault {
  return new Fault(codeOf(error), message, { cause: error });
}

function codeOf({ status, retryable }: OutboundError): FaultCode {
  if (status === 429 || (status === 403 && retryable)) return "registry/rate-limited";
  if (status === 401 || status === 403 || status === 400) return "registry/forbidden";
  return retryable ? "registry/unavailable" : "registry/invalid";
}
