import { connect, type TLSSocket } from "node:tls";

import { answerCalls } from "./helper-process.ts";
import type { LoadOrder, LoadResult } from "./load.ts";
import { createMessageReader, type RawMessage, rawMessage } from "./raw-http.ts";

const ALLOWED = Buffer.from('"allowed":true');

/** What one run has seen so far. */
interface Run {
  readonly requests: readonly Buffer[];
  /** When no more is sent, by `performance.now()`. */
  readonly until: number;
  readonly most: number;
  sent: number;
  readonly times: number[];
  denied: number;
  failed: number;
  firstDenied?: number;
  complaint?: string;
}

/** The API server speaks HTTP/1.1 to webhooks: k8s.io/apiserver/pkg/util/webhook/client.go sets NextProtos so. */
function open(url: URL): Promise<TLSSocket> {
  const { promise, resolve, reject } = Promise.withResolvers<TLSSocket>();
  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    ALPNProtocols: ["http/1.1"],
    rejectUnauthorized: false, // whose certificate it is makes no difference to how fast it answers
  });
  socket.setNoDelay(true);
  socket.once("secureConnect", () => resolve(socket));
  socket.once("error", reject);
  return promise;
}

/** Sends one request after the other on a connection, until the run is over. */
function drive(socket: TLSSocket, run: Run): Promise<void> {
  const over = Promise.withResolvers<void>();
  let started = 0;
  const next = (): void => {
    if (run.sent >= run.most || performance.now() >= run.until) return over.resolve();
    const request = run.requests[run.sent % run.requests.length]!;
    run.sent += 1;
    started = performance.now();
    socket.write(request);
  };
  socket.on(
    "data",
    createMessageReader((answer) => {
      run.times.push(performance.now() - started);
      look(answer, run);
      next();
    }),
  );
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    run.failed += 1;
    over.resolve();
  });
  next();
  return over.promise;
}

function look({ head, body }: RawMessage, run: Run): void {
  const isAnswer = head.startsWith("HTTP/1.1 200");
  if (isAnswer && body.includes(ALLOWED)) return;
  if (isAnswer) run.denied += 1;
  else run.failed += 1;
  if (isAnswer) run.firstDenied ??= performance.timeOrigin + performance.now();
  run.complaint ??= (isAnswer ? body.toString("utf8") : head).slice(0, 600);
}

function requestsOf({ url, bodies }: LoadOrder): Buffer[] {
  const { pathname, search, host } = new URL(url);
  const headers = {
    host,
    "user-agent": "kube-apiserver-admission",
    accept: "application/json, */*",
    "content-type": "application/json",
    "accept-encoding": "gzip",
  };
  return bodies.map((body) => rawMessage(`POST ${pathname}${search} HTTP/1.1`, headers, Buffer.from(body)));
}

async function load(order: LoadOrder): Promise<LoadResult> {
  const sockets: TLSSocket[] = [];
  while (sockets.length < order.concurrency) {
    const some = Math.min(16, order.concurrency - sockets.length);
    sockets.push(...(await Promise.all(Array.from({ length: some }, () => open(new URL(order.url))))));
  }
  const started = performance.now();
  const run: Run = {
    requests: requestsOf(order),
    until: order.seconds === undefined ? Number.POSITIVE_INFINITY : started + order.seconds * 1000,
    most: order.seconds === undefined ? order.bodies.length : Number.POSITIVE_INFINITY,
    sent: 0,
    times: [],
    denied: 0,
    failed: 0,
  };
  await Promise.all(sockets.map((socket) => drive(socket, run)));
  const seconds = (performance.now() - started) / 1000;
  for (const socket of sockets) socket.removeAllListeners("close").destroy();
  return resultOf(run, seconds);
}

function resultOf({ times, denied, failed, firstDenied, complaint }: Run, seconds: number): LoadResult {
  const sorted = Float64Array.from(times).toSorted();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return {
    reviews: sorted.length,
    seconds,
    p50: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    longest: sorted.at(-1) ?? 0,
    denied,
    failed,
    ...(firstDenied !== undefined && { firstDenied }),
    ...(complaint !== undefined && { complaint }),
  };
}

answerCalls({ run: load });
