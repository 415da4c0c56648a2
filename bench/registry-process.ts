import { createServer, type TLSSocket } from "node:tls";

import { IMAGE_INDEX } from "../test/support/oci-artifacts.ts";
import type { OciStore } from "../test/support/oci-store.ts";
import { answerCalls } from "./helper-process.ts";
import { createMessageReader, rawMessage } from "./raw-http.ts";
import { contentsFrom } from "./registry-contents.ts";
import type { RegistryFault, RegistryOrder, RegistryReady } from "./registry.ts";

const ROUTE = /^\/v2\/(.+)\/(manifests|blobs|referrers)\/([^/?]+)/;
const NOTHING = Buffer.alloc(0);
const NOWHERE = Buffer.from('{"errors":[{"code":"MANIFEST_UNKNOWN"}]}');

const state: { delayMs: number; fault: RegistryFault } = { delayMs: 0, fault: "none" };
const counts: Record<string, number> = {};

/** The answer to a path. */
interface Prepared {
  /** What requests are counted under. */
  readonly kind: string;
  readonly bytes: Buffer;
}

function answerTo(path: string, store: OciStore): Prepared {
  const [, repo = "", what = "ping", reference = ""] = ROUTE.exec(path) ?? [];
  if (what === "manifests") return manifest(store, repo, reference);
  const blob = store.find(repo)?.blobs.get(reference);
  if (what === "blobs") return { kind: what, bytes: found(blob, "application/octet-stream") };
  return { kind: what, bytes: ok(IMAGE_INDEX, referrers(store, repo, reference)) };
}

function referrers(store: OciStore, repo: string, subject: string): Buffer {
  const manifests = store.find(repo)?.referrers.get(subject) ?? [];
  return Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: IMAGE_INDEX, manifests }));
}

function manifest(store: OciStore, repo: string, reference: string): Prepared {
  const held = store.manifest(repo, reference);
  const suffix = /\.\w+$/.exec(reference)?.[0] ?? "";
  const kind = reference.startsWith("sha256:") ? "manifests" : `tag${suffix}`;
  return { kind, bytes: found(held?.stored.bytes, held?.stored.mediaType, held?.digest) };
}

function found(bytes: Buffer | undefined, type = "", digest?: string): Buffer {
  if (bytes !== undefined)
    return ok(type, bytes, digest === undefined ? {} : { "docker-content-digest": digest });
  return rawMessage("HTTP/1.1 404 Not Found", { "content-type": "application/json" }, NOWHERE);
}

function ok(type: string, body: Buffer, more: Readonly<Record<string, string>> = {}): Buffer {
  return rawMessage("HTTP/1.1 200 OK", { "content-type": type, ...more }, body);
}

function reply(socket: TLSSocket, bytes: Buffer): void {
  switch (state.fault) {
    case "none":
      socket.write(bytes);
      break;
    case "down":
      socket.write(rawMessage("HTTP/1.1 503 Service Unavailable", {}, NOTHING));
      break;
    case "busy":
      socket.write(rawMessage("HTTP/1.1 429 Too Many Requests", { "retry-after": "30" }, NOTHING));
      break;
    case "cut":
      socket.end(bytes.subarray(0, bytes.length / 2));
      break;
    case "lie":
      socket.write(Buffer.concat([bytes.subarray(0, -2), Buffer.from(" }")]));
      break;
    case "hang":
      break;
  }
}

const [file = "", signed = "0", withSbom = "0", port = "0", at = "127.0.0.1"] = process.argv.slice(2);
const contents = await contentsFrom(file, { signed: Number(signed), withSbom: Number(withSbom) }, at);
const answers = new Map<string, ReturnType<typeof answerTo>>();

function onRequest(socket: TLSSocket, head: string): void {
  const path = head.slice(head.indexOf(" ") + 1, head.indexOf(" HTTP/"));
  const answer = answers.get(path) ?? answerTo(path, contents.store);
  answers.set(path, answer);
  counts[answer.kind] = (counts[answer.kind] ?? 0) + 1;
  if (state.delayMs === 0) reply(socket, answer.bytes);
  else setTimeout(() => reply(socket, answer.bytes), state.delayMs);
}

const server = createServer(contents.certificate, (socket) => {
  socket.setNoDelay(true);
  socket.on(
    "data",
    createMessageReader(({ head }) => onRequest(socket, head)),
  );
  socket.on("error", () => undefined);
});
const listening = Promise.withResolvers<RegistryReady>();
server.listen(Number(port), at, () => {
  const address = server.address();
  const bound = typeof address === "object" && address !== null ? address.port : 0;
  listening.resolve({ host: `${at}:${bound}`, ca: contents.certificate.ca, ...contents.signed });
});

answerCalls({
  ready: () => listening.promise,
  set: (order: RegistryOrder) => void Object.assign(state, order),
  counts: () => ({ ...counts }),
});
