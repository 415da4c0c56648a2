import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";

import { type Digest, splitDigest } from "../../src/core/index.ts";
import {
  IMAGE_INDEX,
  IMAGE_MANIFEST,
  imageBytes,
  type ImageOptions,
  indexBytes,
  type IndexOptions,
  type LegacyLayer,
  putLegacy,
  putReferrer,
  type ReferrerOptions,
} from "./oci-artifacts.ts";
import { createAuthGuard, type TestAuth } from "./oci-auth.ts";
import { createTestCertificate, type TestCertificate } from "./oci-certificate.ts";
import { createOciFaults, type FaultMatch, type OciFault } from "./oci-faults.ts";
import { createRequestLog, type Logged } from "./oci-request-log.ts";
import { repositoryOf, type RouteOptions, serveRead } from "./oci-routes.ts";
import { createOciStore, type OciStore, type TestDescriptor } from "./oci-store.ts";
import { serveWrite, type WriteOptions, writtenRepository } from "./oci-writes.ts";

/** How a test registry is made; every field has a default. */
export interface OciRegistryOptions extends Partial<RouteOptions & WriteOptions> {
  /** HTTPS with a fresh certificate; its authority is `registry.ca`. */
  readonly tls?: boolean;
  /** Names that the certificate is for, besides its address. */
  readonly names?: readonly string[];
  readonly auth?: TestAuth;
}

/** An OCI 1.1 registry in memory, on 127.0.0.1: read and pushed to over HTTP(S), filled by function calls. */
export interface OciRegistry extends Logged {
  /** `127.0.0.1:port`: the registry part of its image references. */
  readonly host: string;
  readonly url: string;
  /** PEM of the authority that its certificate comes from; undefined over plain HTTP. */
  readonly ca: string | undefined;
  readonly clearRequests: () => void;
  /** Adds a fault; text and patterns alone stand for a path. The first that matches a request is applied. */
  readonly fault: (match: FaultMatch | string | RegExp, fault: OciFault) => void;
  readonly clearFaults: () => void;
  readonly pushBlob: (repo: string, bytes: Uint8Array | string) => Digest;
  /** Stores a manifest as given: an object is written as JSON, text and bytes are kept. */
  readonly pushManifest: (
    repo: string,
    manifest: object | string | Uint8Array,
    options?: { tag?: string; mediaType?: string },
  ) => Digest;
  readonly pushImage: (repo: string, options?: ImageOptions) => Digest;
  readonly pushIndex: (repo: string, options: IndexOptions) => Digest;
  /** Attaches one artifact to a subject; gives the digest of its manifest. */
  readonly attachReferrer: (repo: string, subject: Digest, options: ReferrerOptions) => Digest;
  /** Adds layers to cosign's legacy tag of a subject; gives the digest of its manifest. */
  readonly attachTag: (
    repo: string,
    subject: Digest,
    suffix: ".sig" | ".att",
    layers: readonly LegacyLayer[],
  ) => Digest;
  readonly tag: (repo: string, tag: string, digest: Digest) => void;
  /** Cuts every connection, open and new. The port stays taken: another test might be given a free one. */
  readonly goDown: () => void;
  /** Stops listening and cuts every open connection. */
  readonly close: () => Promise<void>;
}

const USUAL: RouteOptions & WriteOptions = {
  referrers: true,
  catalog: true,
  ociSubject: true,
  slowWrites: 0,
  nullWhenEmpty: false,
  pageSize: 100_000,
  linkTo: (next) => `<${next}>; rel="next"`,
};

/** Starts a test registry on a free port of 127.0.0.1. Close it when the test ends. */
export async function startOciRegistry(options: OciRegistryOptions = {}): Promise<OciRegistry> {
  const routes = { ...USUAL, ociSubject: options.referrers ?? USUAL.referrers, ...options };
  const store = createOciStore();
  const faults = createOciFaults();
  const { add: note, clear: clearRequests, ...logged } = createRequestLog();
  let url = "";
  const guard = options.auth === undefined ? undefined : createAuthGuard(options.auth, () => url);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    note(request, response);
    if (await faults.apply(request, response)) return;
    const path = request.url ?? "/";
    if (guard !== undefined && path.startsWith("/token")) return await guard.issue(request, response);
    const serve = writtenRepository(request) === undefined ? serveRead : serveWrite;
    const repo = writtenRepository(request) ?? repositoryOf(path) ?? "";
    if (guard === undefined || guard.admit(request, response, repo))
      await serve(store, routes, request, response);
  }

  const certificate =
    options.tls === true ? await createTestCertificate(undefined, options.names) : undefined;
  const { host, ...server } = await listen(
    certificate,
    (request, response) => void answer(request, response),
  );
  url = `${certificate === undefined ? "http" : "https"}://${host}`;

  return {
    host,
    url,
    ca: certificate?.ca,
    ...logged,
    clearRequests,
    fault: (match, fault) =>
      faults.add(typeof match === "string" || match instanceof RegExp ? { path: match } : match, fault),
    clearFaults: faults.clear,
    ...pushFunctions(store, routes.referrers),
    ...server,
  };
}

async function listen(
  certificate: TestCertificate | undefined,
  listener: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<Pick<OciRegistry, "host" | "goDown" | "close">> {
  const server = certificate === undefined ? createHttp(listener) : createHttps(certificate, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the test registry has no port");
  return {
    host: `127.0.0.1:${address.port}`,
    goDown() {
      server.on("connection", (socket) => socket.destroy());
      server.closeAllConnections();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

type PushFunctions = Pick<
  OciRegistry,
  "pushBlob" | "pushManifest" | "pushImage" | "pushIndex" | "attachReferrer" | "attachTag" | "tag"
>;

function pushFunctions(store: OciStore, hasReferrers: boolean): PushFunctions {
  let pushed = 0;

  function put(repo: string, mediaType: string, bytes: string | Uint8Array, tag: string | undefined): Digest {
    const digest = store.putManifest(repo, mediaType, bytes);
    if (tag !== undefined) store.repository(repo).tags.set(tag, digest);
    return digest;
  }

  return {
    pushBlob: store.putBlob,
    pushManifest(repo, manifest, { tag, mediaType = IMAGE_MANIFEST } = {}) {
      const raw = typeof manifest === "string" || manifest instanceof Uint8Array;
      return put(repo, mediaType, raw ? manifest : JSON.stringify(manifest), tag);
    },
    pushImage(repo, image = {}) {
      pushed += 1;
      const bytes = imageBytes(store, repo, image.content ?? `content ${pushed}`, image);
      return put(repo, IMAGE_MANIFEST, bytes, image.tag);
    },
    pushIndex: (repo, index) => put(repo, IMAGE_INDEX, indexBytes(store, repo, index.manifests), index.tag),
    attachReferrer(repo, subject, referrer) {
      const listed = putReferrer(store, repo, subject, referrer);
      const via = referrer.via ?? (hasReferrers ? "api" : "tag");
      const { referrers } = store.repository(repo);
      if (via !== "tag") referrers.set(subject, [...(referrers.get(subject) ?? []), listed]);
      if (via === "api") return listed.digest;
      addToFallbackTag(store, repo, subject, listed);
      return listed.digest;
    },
    attachTag(repo, subject, suffix, layers) {
      const { algorithm, hex } = splitDigest(subject);
      return putLegacy(store, repo, `${algorithm}-${hex}${suffix}`, layers);
    },
    tag: (repo, tag, digest) => void store.repository(repo).tags.set(tag, digest),
  };
}

/** Distribution-spec v1.1, "Unavailable Referrers API": an index under the tag that spells the subject's digest. */
function addToFallbackTag(store: OciStore, repo: string, subject: Digest, listed: TestDescriptor): void {
  const { algorithm, hex } = splitDigest(subject);
  const tag = `${algorithm}-${hex}`;
  const older = store.manifest(repo, tag)?.stored.bytes.toString("utf8") ?? '{"manifests":[]}';
  const { manifests }: { manifests: TestDescriptor[] } = JSON.parse(older);
  const text = JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_INDEX,
    manifests: [...manifests, listed],
  });
  store.repository(repo).tags.set(tag, store.putManifest(repo, IMAGE_INDEX, text));
}
