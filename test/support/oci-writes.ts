import type { IncomingMessage, ServerResponse } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

import { digestOf, parseDigest } from "../../src/core/index.ts";
import type { OciStore, TestDescriptor } from "./oci-store.ts";

const ROUTE = /^\/v2\/(.+)\/(?:blobs\/uploads\/([^?]*)|(manifests)\/([^/?]+))(?:\?(.*))?$/;

/** How the test registry takes what is pushed. */
export interface WriteOptions {
  /** Whether it lists what names a subject. */
  readonly referrers: boolean;
  /** Whether it answers with `OCI-Subject`; some registries do and have no referrers API. */
  readonly ociSubject: boolean;
  /** How long it takes to store a manifest, in milliseconds, at most. */
  readonly slowWrites: number;
}

/** The repository that a write is about, or undefined where the request is none. */
export function writtenRepository({ url = "", method }: IncomingMessage): string | undefined {
  return method === "POST" || method === "PUT" ? ROUTE.exec(url)?.[1] : undefined;
}

/** Answers a push of a blob or a manifest. Source: distribution-spec v1.1, "Push". */
export async function serveWrite(
  store: OciStore,
  options: WriteOptions,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const [, repo = "", , kind, reference = "", query = ""] = ROUTE.exec(request.url ?? "") ?? [];
  const bytes = await bytesOf(request);
  if (kind === "manifests") {
    const mediaType = request.headers["content-type"] ?? "";
    return await putManifest(store, options, { repo, reference, mediaType, bytes }, response);
  }
  if (request.method === "POST") {
    const location = `/v2/${repo}/blobs/uploads/1?state=x`;
    return void response.writeHead(202, { location }).end();
  }
  const digest = new URLSearchParams(query).get("digest");
  if (digest !== digestOf(bytes)) return void response.writeHead(400).end();
  store.putBlob(repo, bytes);
  response.writeHead(201).end();
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

interface Pushed {
  readonly repo: string;
  readonly reference: string;
  readonly mediaType: string;
  readonly bytes: Buffer;
}

interface Written {
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly subject?: { readonly digest: string };
}

async function putManifest(
  store: OciStore,
  options: WriteOptions,
  pushed: Pushed,
  response: ServerResponse,
): Promise<void> {
  const { repo, reference, mediaType, bytes } = pushed;
  const digest = digestOf(bytes);
  const isTag = parseDigest(reference) === undefined;
  if (!isTag && reference !== digest) return void response.writeHead(400).end();
  await wait(Math.random() * options.slowWrites);
  store.putManifest(repo, mediaType, bytes);
  if (isTag) store.repository(repo).tags.set(reference, digest);
  const { subject } = JSON.parse(bytes.toString()) as Written;
  if (subject !== undefined && options.ociSubject) response.setHeader("oci-subject", subject.digest);
  if (subject !== undefined && options.referrers) list(store, pushed, subject.digest);
  response.writeHead(201, { "docker-content-digest": digest }).end();
}

function list(store: OciStore, { repo, mediaType, bytes }: Pushed, subject: string): void {
  const { artifactType, annotations } = JSON.parse(bytes.toString()) as Written;
  const { referrers } = store.repository(repo);
  const listed = referrers.get(subject) ?? [];
  const digest = digestOf(bytes);
  const entry = { mediaType, digest, size: bytes.length, artifactType, annotations } as TestDescriptor;
  if (!listed.some((each) => each.digest === digest)) referrers.set(subject, [...listed, entry]);
}
