import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { digestOf } from "../src/core/index.ts";
import { IMAGE_INDEX, IMAGE_MANIFEST } from "../test/support/oci-artifacts.ts";
import { answerCalls } from "./helper-process.ts";

/** Under what registries take at most, and under what the gate reads of one referrer at most. */
const [LONG, SHORTER] = [4_000_000, 1_000_000];
const DRIP_MS = 20;

const stats = { requests: 0, bytes: 0 };

/** A manifest of so many bytes that is nothing but annotations; those of another salt have another digest. */
function manifestOf(bytes: number, salt: string): Buffer {
  const start = `{"schemaVersion":2,"config":{"mediaType":"x/y"},"layers":[],"annotations":{"salt":"${salt}"`;
  const parts = [start];
  for (let length = start.length, at = 0; length < bytes; at += 1) {
    const part = `,"k${at}":"${"v".repeat(20)}"`;
    parts.push(part);
    length += part.length;
  }
  return Buffer.from(`${parts.join("")}}}`);
}

const MANIFESTS = new Map<string, Buffer>(
  [SHORTER, SHORTER, SHORTER, LONG, LONG, LONG].map((bytes, at) => {
    const manifest = manifestOf(bytes, String(at));
    return [digestOf(manifest), manifest] as const;
  }),
);
const LIST = Buffer.from(listOf(LONG));

function entryOf(digest: string, size: number): string {
  return `{"mediaType":"${IMAGE_MANIFEST}","digest":"${digest}","size":${size},"artifactType":"application/vnd.dev.sigstore.bundle.v0.3+json"}`;
}

/** A list of these manifests, after as many others as make it so long: what is last counts as the newest. */
function listOf(bytes: number): string {
  const own = [...MANIFESTS].map(([digest, manifest]) => entryOf(digest, manifest.length));
  const other = entryOf(`sha256:${"0".repeat(64)}`, LONG);
  const others = Array.from({ length: Math.floor(bytes / (other.length + 1)) - own.length }, () => other);
  return `{"schemaVersion":2,"manifests":[${[...others, ...own].join(",")}]}`;
}

function send(response: ServerResponse, type: string, bytes: Buffer): void {
  stats.bytes += bytes.length;
  response.writeHead(200, { "content-type": type, "content-length": bytes.length }).end(bytes);
}

/** Whatever is asked for is as long and as costly as it may be. */
const full: RequestListener = ({ url = "" }, response) => {
  stats.requests += 1;
  const manifest = MANIFESTS.get(/sha256:[0-9a-f]{64}$/.exec(url)?.[0] ?? "");
  if (url.includes("/referrers/")) send(response, IMAGE_INDEX, LIST);
  else send(response, IMAGE_MANIFEST, manifest ?? [...MANIFESTS.values()].at(-1)!);
};

/** Lists have no last page, and everything else comes byte by byte. */
const slow: RequestListener = ({ url = "" }, response) => {
  stats.requests += 1;
  if (url.includes("/referrers/")) {
    const [path, page = "0"] = url.split("?n=");
    response.setHeader("link", `<${path}?n=${Number(page) + 1}>; rel="next"`);
    send(response, IMAGE_INDEX, Buffer.from('{"schemaVersion":2,"manifests":[]}'));
    return;
  }
  response.writeHead(200, { "content-type": IMAGE_MANIFEST, "content-length": LONG });
  const timer = setInterval(() => response.write(" "), DRIP_MS);
  response.on("close", () => clearInterval(timer));
};

async function hostOf(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const hosts = { full: await hostOf(full), slow: await hostOf(slow) };
answerCalls({ hosts: () => hosts, stats: () => ({ ...stats }) });
