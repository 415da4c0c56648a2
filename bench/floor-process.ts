import { createServer } from "node:https";
import type { AddressInfo } from "node:net";

import { createTestCertificate } from "../test/support/oci-certificate.ts";
import { answerCalls } from "./helper-process.ts";

/**
 * What any webhook in Node costs at least: reads a review over TLS and says yes. Beside it in the same run, the gate's figures
 * say less of the machine and more of the gate.
 */
const { cert, key } = await createTestCertificate();
const server = createServer({ cert, key }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const {
      apiVersion,
      kind,
      request: asked,
    } = JSON.parse(Buffer.concat(chunks).toString("utf8")) as {
      readonly apiVersion: string;
      readonly kind: string;
      readonly request: { readonly uid: string };
    };
    const body = JSON.stringify({ apiVersion, kind, response: { uid: asked.uid, allowed: true } });
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length }).end(body);
  });
});
const listening = Promise.withResolvers<string>();
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  listening.resolve(`https://127.0.0.1:${port}/`);
});

answerCalls({ url: () => listening.promise });
