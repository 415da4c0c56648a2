import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { type Digest, digestOf } from "../../src/core/index.ts";
import { IMAGE_MANIFEST } from "../support/oci-artifacts.ts";

/** A registry of so many images without attachments, each of which costs it as little as possible. */
export interface ManyImages {
  readonly host: string;
  /** References by digest. */
  readonly references: readonly string[];
  readonly stop: () => Promise<void>;
}

const NONE = JSON.stringify({ schemaVersion: 2, manifests: [] });

/** Starts one on loopback; its manifests are made when they are asked for. */
export async function startManyImages(count: number): Promise<ManyImages> {
  const numbers = new Map<Digest, number>();
  for (let at = 0; at < count; at += 1) numbers.set(digestOf(manifestOf(at)), at);
  const server = createServer(({ url = "" }, response) => {
    const [, kind = "", digest = ""] = /\/(manifests|referrers)\/([^/]+)$/.exec(url) ?? [];
    const at = numbers.get(digest as Digest);
    if (kind === "referrers")
      response.writeHead(200, { "content-type": "application/vnd.oci.image.index.v1+json" }).end(NONE);
    else if (at === undefined)
      response.writeHead(url.startsWith("/v2/") && kind === "" ? 200 : 404).end("{}");
    else response.writeHead(200, { "content-type": IMAGE_MANIFEST }).end(manifestOf(at));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    references: [...numbers].map(([digest, at]) => `${host}/team/app-${at % 100}@${digest}`),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}

function blob(mediaType: string, text: string): object {
  return { mediaType, digest: digestOf(text), size: text.length };
}

function manifestOf(at: number): string {
  return JSON.stringify({
    schemaVersion: 2,
    mediaType: IMAGE_MANIFEST,
    config: blob("application/vnd.oci.image.config.v1+json", `config ${at}`),
    layers: [blob("application/vnd.oci.image.layer.v1.tar", `layer ${at}`)],
  });
}
