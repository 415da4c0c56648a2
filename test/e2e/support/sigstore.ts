import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { boundedBytes } from "../../../src/core/index.ts";
import { storedEntry } from "./rekor-entries.ts";
import {
  base64,
  createInstance,
  writeFiles,
  type Instance,
  type InstanceFiles,
} from "./sigstore-instance.ts";

/** A Sigstore of our own on loopback, against which the real cosign signs keyless. */
export interface SigstoreServer extends InstanceFiles {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

const MAX_BODY = 16 * 1024 * 1024;

/** cosign sends the token as a header and the request base64-encoded; the mock wants the one inside and PEM. */
function certificateRequest(body: string, authorization = ""): string {
  const request = JSON.parse(body) as { credentials?: unknown; certificateSigningRequest?: string };
  const token = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (token) request.credentials ??= { oidcIdentityToken: token };
  const csr = request.certificateSigningRequest;
  if (csr && !csr.includes("BEGIN")) {
    request.certificateSigningRequest = Buffer.from(csr, "base64").toString("utf8");
  }
  return JSON.stringify(request);
}

function textOf(response: string | ArrayBufferView): string {
  return typeof response === "string" ? response : Buffer.from(base64(response), "base64").toString("utf8");
}

/** Clients want 200 of Fulcio, and of Rekor the new entry's id as ETag, neither of which the mock gives. */
async function reply(instance: Instance, path: string, body: string, authorization?: string): Promise<Reply> {
  if (path === instance.fulcio.path) {
    const { statusCode, response } = await instance.fulcio.fn(certificateRequest(body, authorization));
    return { status: statusCode === 201 ? 200 : statusCode, body: textOf(response), headers: {} };
  }
  if (path === instance.rekor.path) {
    const { statusCode, response } = await instance.rekor.fn(JSON.stringify(storedEntry(JSON.parse(body))));
    const id = statusCode === 201 ? Object.keys(JSON.parse(textOf(response)) as object)[0] : undefined;
    return { status: statusCode, body: textOf(response), headers: id ? { etag: id } : {} };
  }
  return { status: 404, body: "not found", headers: {} };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const bytes = await boundedBytes(request, MAX_BODY);
  if (bytes === undefined) throw new Error("request too large");
  return bytes.toString("utf8");
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function serve(server: Server, instance: Instance): void {
  server.on("request", (request, response) => {
    const answer = async () => {
      const path = (request.url ?? "").split("?")[0] ?? "";
      const { status, body, headers } = await reply(
        instance,
        path,
        await readBody(request),
        request.headers.authorization,
      );
      response.writeHead(status, { "content-type": "application/json", ...headers }).end(body);
    };
    answer().catch((error: unknown) => response.writeHead(400).end(String(error)));
  });
}

/** Starts a certificate authority (Fulcio) and a transparency log (Rekor v1) with fresh keys on one loopback port. */
export async function startSigstore(): Promise<SigstoreServer> {
  const server = createServer();
  const url = await listen(server);
  const instance = await createInstance(url);
  serve(server, instance);
  const folder = await mkdtemp(join(tmpdir(), "mc-sigstore-"));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await rm(folder, { recursive: true, force: true });
  };
  return { url, ...(await writeFiles(instance, url, folder)), stop };
}
