import { once } from "node:events";
import { readFileSync } from "node:fs";

import { EXIT, type ExitCode, UsageError } from "../../core/index.ts";
import { say } from "../terminal.ts";
import { createForwarder } from "./forwarder.ts";

export interface ForwardOptions {
  readonly gate: string;
  readonly caFile?: string;
  readonly tokenFile: string;
  readonly port: number;
  readonly timeout: number;
}

/** `mc forward`: runs until it is told to stop. */
export async function forward(options: ForwardOptions): Promise<ExitCode> {
  const { gate, caFile, tokenFile, port, timeout } = options;
  const url = URL.canParse(gate) ? new URL(gate) : undefined;
  if (url?.protocol !== "https:") throw new UsageError(`--gate ${gate} is not an https:// address`);
  const ca = caFile === undefined ? process.env["MC_GATE_CA"] : readAuthority(caFile);
  const server = createForwarder({ gate: url, tokenFile, ca, timeoutMs: timeout * 1000 });
  server.listen(port);
  await once(server, "listening");
  say(`Forwarding /v1/verdict on port ${port} to ${url.origin}.`);
  await Promise.race([once(process, "SIGTERM"), once(process, "SIGINT")]);
  server.close();
  server.closeIdleConnections();
  await once(server, "close");
  return EXIT.allowed;
}

function readAuthority(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const why = error instanceof Error ? error.message : "unknown failure";
    throw new UsageError(`cannot read the certificate authority ${file}: ${why}`);
  }
}
