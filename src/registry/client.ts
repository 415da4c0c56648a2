import {
  type Attachments,
  type Digest,
  Fault,
  type ImageContents,
  type ImageRef,
  isPinned,
  type OwnResources,
  type PinnedImage,
  type PullAccess,
  repositoryName,
  type UnreadCredentials,
} from "../core/index.ts";
import { assemble, type RegistryContext, type RegistryDeps } from "./assemble.ts";
import type { Wanted } from "./attachments/attached-layers.ts";
import { collectAttachments } from "./attachments/attachments.ts";
import { createLikelyLocations } from "./attachments/places.ts";
import { readList } from "./attachments/read-list.ts";
import {
  createCredentialGaps,
  type CredentialGaps,
  sureAnswer,
  withCredentialGaps,
} from "./auth/credential-gaps.ts";
import type { Keychain, KeyWish } from "./auth/keychain.ts";
import { createSession, type Session } from "./auth/session.ts";
import { createTurns } from "./auth/turns.ts";
import { listChildren, type ReadTask } from "./children.ts";
import { type Content, createContent } from "./content.ts";
import { readContents } from "./contents.ts";
import { createDocumentReader, type ReadDocument } from "./documents.ts";
import { deadlineFault } from "./http/failures.ts";
import { type Endpoint, refuseOtherHosts, mirrorsOf, upstreamOf } from "./http/hosts.ts";
import type { Exchange } from "./http/http.ts";
import { createTransport } from "./http/transport.ts";
import type { RegistrySettings } from "./settings.ts";
import { createSource, type Source } from "./source.ts";

/**
 * Reads registries, and never writes. Every failure is a Fault: `registry/unavailable`, `registry/forbidden`,
 * `registry/rate-limited`, `registry/invalid`, `limits/exceeded`, `deadline/exceeded`. "There is none" is a
 * result, never a fault, and no fault is ever "there is none".
 */
export interface RegistryClient {
  /**
   * The digest that a reference represents, recomputed from the manifest's bytes; the reference's own where it
   * has one; undefined where the registry says that it has no such tag. The tag `latest` where none is written.
   */
  readonly resolve: (
    ref: ImageRef,
    access: PullAccess,
    signal: AbortSignal,
    own?: OwnResources,
  ) => Promise<Digest | undefined>;
  /** Everything that is attached to an image and wanted. See Attachments. */
  readonly attachments: (
    image: PinnedImage,
    access: PullAccess,
    wanted: Wanted,
    signal: AbortSignal,
  ) => Promise<Attachments>;
  /** The platform images of an index, attestation manifests left out; undefined where it is not an index. */
  readonly children: (
    image: PinnedImage,
    access: PullAccess,
    signal: AbortSignal,
  ) => Promise<Digest[] | undefined>;
  /** Under which digests an image is known, and what it leads to; undefined where the registry has none of it. */
  readonly contents: (
    image: PinnedImage,
    access: PullAccess,
    signal: AbortSignal,
    own?: OwnResources,
  ) => Promise<ImageContents | undefined>;
  /** Ends all connections. */
  readonly close: () => Promise<void>;
}

type Ask = [ref: ImageRef, access: PullAccess, signal: AbortSignal, own?: OwnResources | undefined];

/** What is asked of a registry, and whether an answer is the same to all who may read: that there is none is not. */
interface Question<T> {
  readonly ask: (task: ReadTask) => Promise<T>;
  readonly isSameForAll: (answer: T) => boolean;
}

/** A client for all registries. Reads the CA files named in the settings; throws where one cannot be read. */
export function createRegistryClient(settings: RegistrySettings, deps: RegistryDeps = {}): RegistryClient {
  const { limits } = settings;
  const transport = createTransport(settings, deps);
  const context = assemble(settings, transport, deps);
  const likelyLocations = createLikelyLocations();
  const readFor = ({ namespace = "" }: PullAccess, own: OwnResources): ReadDocument =>
    asOwnWork(createDocumentReader(namespace, deps.readElsewhere), own);
  async function answered<T>(question: Question<T>, [ref, access, signal, own = {}]: Ask): Promise<T> {
    const { content, credentialGaps } = open(ref, { access, signal, own }, context);
    const read = readFor(access, own);
    const task = { content, read, limits, signal, reserveBytes: own.reserveBytes };
    return await sureAnswer(question.ask(task), credentialGaps, question.isSameForAll);
  }

  return {
    resolve: async (ref, ...asking) =>
      isPinned(ref) ? ref.digest : await answered(digestOfTag(ref.tag ?? "latest"), [ref, ...asking]),
    async attachments(image, access, wanted, signal) {
      const opened = open(image, { access, signal, own: wanted, asksStanding: true }, context);
      const name = repositoryName(image);
      const { usedPullSecrets, wantedCredentials, credentialGaps } = opened;
      const collecting = collectAttachments({
        content: opened.content,
        read: readFor(access, wanted),
        subject: image.digest,
        wanted,
        limits,
        signal,
        usual: likelyLocations.of(name),
        held: (places) => likelyLocations.held(name, places),
      });
      const attachments = await sureAnswer(collecting, credentialGaps, () => true);
      return { ...withCredentialGaps(attachments, credentialGaps), usedPullSecrets, wantedCredentials };
    },
    children: async (image, ...asking) => await answered(childrenOf(image.digest), [image, ...asking]),
    contents: async (image, ...asking) => await answered(contentsOf(image.digest), [image, ...asking]),
    close: transport.close,
  };
}

const READER = "the thread that reads lists and manifests";

function asOwnWork(read: ReadDocument, { ownWork }: OwnResources): ReadDocument {
  if (ownWork === undefined) return read;
  return (...input) => ownWork(READER, () => read(...input));
}

/** Who asks, until when, and with what of the gate's own. */
interface Asking {
  readonly access: PullAccess;
  readonly signal: AbortSignal;
  readonly own: OwnResources;
  /** Whether what is shown may depend on who asks, so that credentials are sent wherever the registry asks for any. */
  readonly asksStanding?: true;
}

/** A repository's content, and which credentials were tried for it. */
interface OpenedContent extends Required<Pick<Attachments, "usedPullSecrets" | "wantedCredentials">> {
  readonly content: Content;
  /** Of the registry itself: whatever a mirror does not give is read from there. */
  readonly credentialGaps: CredentialGaps;
}

/** A repository's content, with sessions of its own: what one workload may read says nothing about the next. */
function open(ref: ImageRef, asking: Asking, context: RegistryContext): OpenedContent {
  const { settings, authorizer, keychain, healthOf, standingOf } = context;
  const { registry, repository } = ref;
  const { access, signal, asksStanding } = asking;
  const { ownWork, registryWork } = asking.own;
  refuseUnasked(registry, signal, settings);
  const share = access.namespace ?? "";
  const exchange: Exchange = (request) => context.exchange({ ...request, share, ownWork, registryWork });
  let isUsed = false;
  const sessions: Session[] = [];
  const credentialGaps = createCredentialGaps(registry);
  const onUnread = (unread: UnreadCredentials): void => {
    isUsed ||= unread.isOfWorkload === true; // no one else is judged by what is not shown without it
    credentialGaps.note(unread);
  };
  async function* noted(endpoint: Endpoint, wish: Pick<KeyWish, "onUnread">): ReturnType<Keychain> {
    for await (const auth of keychain({ endpoint, repository, access, exchange, ownWork, signal, ...wish })) {
      isUsed ||= auth.isOfWorkload === true; // whatever the outcome: a refusal of it may be what a place is not read for
      yield auth;
    }
  }
  function source(endpoint: Endpoint, wish: Pick<KeyWish, "onUnread">): Source {
    const about = { endpoint, exchange, repository, authorizer, credentials: () => noted(endpoint, wish) };
    const session = createSession({
      ...about,
      standing: asksStanding && (() => standingOf(endpoint)),
    });
    sessions.push(session);
    return createSource({ endpoint, repository, session, exchange });
  }

  const mirrors = mirrorsOf(registry, settings).map((each) => source(each, { onUnread: () => undefined }));
  const upstream = source(upstreamOf(registry, settings), { onUnread });
  return {
    content: createContent(upstream, mirrors, healthOf(share)),
    credentialGaps,
    usedPullSecrets: () => isUsed,
    wantedCredentials: () => sessions.some((session) => session.wantedCredentials()),
  };
}

/** Throws where nothing may be asked of a registry, or there is no time to. */
function refuseUnasked(registry: string, signal: AbortSignal, settings: RegistrySettings): void {
  if (signal.aborted) throw deadlineFault(registry);
  refuseOtherHosts(registry, settings);
}

function digestOfTag(tag: string): Question<Digest | undefined> {
  return { ask: (task) => resolveTag(tag, task), isSameForAll: () => false };
}

function childrenOf(index: Digest): Question<Digest[] | undefined> {
  return { ask: (task) => listChildren(index, task), isSameForAll: (children) => children !== undefined };
}

function contentsOf(image: Digest): Question<ImageContents | undefined> {
  return { ask: (task) => readContents(image, task), isSameForAll: (found) => found?.absent.length === 0 };
}

async function resolveTag(
  tag: string,
  { content, read, limits, signal, reserveBytes }: ReadTask,
): Promise<Digest | undefined> {
  return await readList(
    { limits, listBudget: { left: limits.listBytes }, inTurn: createTurns(), reserveBytes },
    (limit) => content.tagged(tag, { limit, signal }),
    async ({ bytes, digest }) => {
      if (await read("tagged", bytes, 0)) return digest;
      throw new Fault("registry/invalid", "what the tag leads to is neither a manifest nor an index");
    },
  );
}
