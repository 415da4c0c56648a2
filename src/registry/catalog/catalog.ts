import { z } from "zod";

import { type Digest, Fault, type ImageRef, readJson } from "../../core/index.ts";
import { assemble, type RegistryContext, type RegistryDeps } from "../assemble.ts";
import type { Actions } from "../auth/authorizer.ts";
import { refuseUnread } from "../auth/keychain.ts";
import { createSession } from "../auth/session.ts";
import { listChildren, type ReadTask } from "../children.ts";
import { createContent } from "../content.ts";
import type { Entries } from "../descriptors.ts";
import { createDocumentReader } from "../documents.ts";
import { statusFault } from "../http/failures.ts";
import { refuseOtherHosts, upstreamOf } from "../http/hosts.ts";
import { nextPage } from "../http/next-page.ts";
import { createTransport } from "../http/transport.ts";
import type { RegistrySettings } from "../settings.ts";
import { createSource, type Source } from "../source.ts";

const PAGE = 500;
/** Of one list; each has at most `PAGE` names. */
const MAX_PAGES = 4000;
/** Entries of an index, or layers, that are read. */
const MAX_ENTRIES = 4096;
const JSON_ACCEPT = "application/json";

const Repositories = z.object({ repositories: z.array(z.string()).nullable() });
const Tags = z.object({ tags: z.array(z.string()).nullish() });

/** What a registry has under a reference. */
export interface Described {
  readonly digest: Digest;
  readonly mediaType: string;
  /** Platform images of an index; none of a manifest. */
  readonly children: readonly Digest[];
  /** Whether a runtime could run it. Signatures, attestations and charts are none. */
  readonly isImage: boolean;
  /** The commit that its annotations name, unsigned. */
  readonly revision: string | undefined;
}

/** Lists what registries hold. Failures are the Faults of the reading client. */
export interface RegistryCatalog {
  /**
   * Names of all repositories, by `_catalog`. It is in no specification; a registry without it is a fault.
   * Source: distribution, docs/content/spec/api.md.
   */
  readonly repositories: (registry: string, signal: AbortSignal) => AsyncGenerator<string>;
  /** Tags of a repository; none where there is no such repository. Source: distribution-spec v1.1, "Listing Tags". */
  readonly tags: (ref: ImageRef, signal: AbortSignal) => AsyncGenerator<string>;
  /** What is under a digest, else a tag; undefined where the registry says that there is none. */
  readonly describe: (ref: ImageRef, signal: AbortSignal) => Promise<Described | undefined>;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

/** Lists of all registries. Reads the CA files named in the settings; throws where one cannot be read. */
export function createRegistryCatalog(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryCatalog {
  const transport = createTransport(settings, deps);
  const context = assemble(settings, transport, deps);
  return {
    async *repositories(registry, signal) {
      const source = open({ registry, repository: "" }, "catalog", signal, context);
      const prefix = source.endpoint.prefix;
      for await (const bytes of pages(source, "/v2/_catalog", "list of repositories", { context, signal })) {
        const page = parsed(Repositories, bytes, `${registry}'s list of repositories`);
        for (const name of page.repositories ?? [])
          if (name.startsWith(prefix)) yield name.slice(prefix.length);
      }
    },
    async *tags(ref, signal) {
      const source = open(ref, "pull", signal, context);
      for await (const bytes of pages(source, "tags/list", "list of tags", { context, signal }))
        yield* parsed(Tags, bytes, `${ref.registry}'s list of tags`).tags ?? [];
    },
    describe: (ref, signal) => describe(ref, taskFor(ref, signal, context)),
    close: transport.close,
  };
}

interface Asking {
  readonly context: RegistryContext;
  readonly signal: AbortSignal;
}

/** The pages of a list; none where there is no such list. Throws where it does not end. */
async function* pages(
  source: Source,
  path: string,
  list: string,
  { context, signal }: Asking,
): AsyncGenerator<Buffer> {
  const { registry } = source.endpoint;
  let next: string | undefined = `${path}?n=${PAGE}`;
  for (let page = 0; next !== undefined; page += 1) {
    if (page === MAX_PAGES)
      throw new Fault("limits/exceeded", `the ${list} of ${registry} has more than ${MAX_PAGES} pages`);
    const answer = await source.read({
      path: next,
      accept: JSON_ACCEPT,
      limit: context.settings.limits.manifestBytes,
      signal,
    });
    if (answer.status === 404 && page === 0 && path !== "/v2/_catalog") return;
    if (answer.status !== 200) throw statusFault(answer.url.host, answer.status);
    const before: string = next;
    next = nextPage(answer, list);
    if (next === before)
      throw new Fault("registry/invalid", `the ${list} of ${registry} continues with itself`);
    yield answer.body;
  }
}

function parsed<T>(schema: z.ZodType<T>, bytes: Buffer, what: string): T {
  const read = schema.safeParse(readJson(bytes));
  if (read.success) return read.data;
  throw new Fault("registry/invalid", `${what} cannot be read`);
}

async function describe(ref: ImageRef, task: ReadTask): Promise<Described | undefined> {
  const found = ref.digest === undefined ? await tagged(ref, task) : await pinned(ref.digest, task);
  if (found === undefined) return undefined;
  const { mediaType, revision, entries, isImage } = await task.read("described", found.bytes, MAX_ENTRIES);
  const described = { digest: found.digest, mediaType, revision, children: [], isImage };
  if (entries === undefined) return described;
  if (isListOfAttachments(entries) && !(await anyImage(entries, task)))
    return { ...described, isImage: false };
  return { ...described, children: (await listChildren(found.digest, task)) ?? [] };
}

/** A list of attachments names the type of each. So may an index of images. */
function isListOfAttachments({ descriptors, unreadable, surplus }: Entries): boolean {
  const isWhole = descriptors.length > 0 && unreadable === 0 && surplus === 0;
  return isWhole && descriptors.every(({ artifactType }) => artifactType !== undefined);
}

async function anyImage({ descriptors }: Entries, task: ReadTask): Promise<boolean> {
  for (const { digest } of descriptors) {
    const bytes = (await pinned(digest, task))?.bytes;
    if (bytes !== undefined && (await task.read("described", bytes, MAX_ENTRIES)).isImage) return true;
  }
  return false;
}

async function tagged({ tag = "latest" }: ImageRef, { content, limits, signal }: ReadTask) {
  return await content.tagged(tag, { limit: limits.manifestBytes, signal });
}

async function pinned(
  digest: Digest,
  { content, limits, signal }: ReadTask,
): Promise<{ readonly digest: Digest; readonly bytes: Buffer } | undefined> {
  const bytes = await content.pinned("manifests", digest, { limit: limits.manifestBytes, signal });
  return bytes && { digest, bytes };
}

function taskFor(ref: ImageRef, signal: AbortSignal, context: RegistryContext): ReadTask {
  const source = open(ref, "pull", signal, context);
  const { settings, healthOf } = context;
  return {
    content: createContent(source, [], healthOf("")),
    read: createDocumentReader("", undefined),
    limits: settings.limits,
    signal,
  };
}

function open(
  { registry, repository }: Pick<ImageRef, "registry" | "repository">,
  actions: Actions,
  signal: AbortSignal,
  { settings, authorizer, keychain, exchange }: RegistryContext,
): Source {
  refuseOtherHosts(registry, settings);
  const endpoint = upstreamOf(registry, settings);
  const wish = { endpoint, repository, access: {}, onUnread: refuseUnread };
  const session = createSession({
    endpoint,
    exchange,
    repository,
    authorizer,
    credentials: () => keychain({ ...wish, exchange, ownWork: undefined, signal }),
    actions,
  });
  return createSource({ endpoint, repository, session, exchange });
}
